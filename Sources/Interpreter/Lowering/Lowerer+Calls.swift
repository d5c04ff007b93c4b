import Diagnostics
import SwiftSyntax

extension Lowerer {
  func lowerMember(_ node: MemberAccessExprSyntax) -> Expression {
    let at = span(node)
    let name = node.declName.baseName.name
    let nameSpan = span(node.declName)
    if let arguments = node.declName.argumentNames {
      refuse("`\(node.declName.trimmedDescription)`", at: arguments, use: "write `\(name)` alone")
    }
    guard let base = node.base else { return ImplicitMember(name, at) }
    if name == "self" { return lowerLink(base) }
    let receiver = lowerLink(base)
    return MemberExpression(
      receiver, name, nameSpan: nameSpan, initializes: isSelf(base) && isInInitializer, at)
  }

  private func isSelf(_ expression: ExprSyntax) -> Bool {
    expression.as(DeclReferenceExprSyntax.self)?.baseName.tokenKind == .keyword(.self)
  }

  func lowerCall(_ node: FunctionCallExprSyntax) -> Expression {
    // `[Double]()` and `[String: Int]()` are empty literals.
    if node.arguments.isEmpty, node.trailingClosure == nil {
      if node.calledExpression.is(ArrayExprSyntax.self) { return ArrayLiteral([], span(node)) }
      if node.calledExpression.is(DictionaryExprSyntax.self) { return DictionaryLiteral([], span(node)) }
    }
    let called = node.calledExpression
    if let member = called.as(MemberAccessExprSyntax.self) {
      guard let base = member.base else {
        refuse(
          "`.\(member.declName.baseName.name)(…)` without a type", at: called,
          use: "write the type before the dot")
        return hole(node)
      }
      let name = member.declName.baseName.name
      let nameSpan = span(member.declName)
      let receiver = lowerLink(base)
      let (arguments, site) = lowerArguments(node)
      return MethodCall(
        receiver, name, nameSpan: nameSpan, arguments, site, isImplicitSelf: false,
        receiver: receiverPlace(receiver, name))
    }
    // `[Double](repeating: 0, count: 3)` is `Array(repeating:count:)`.
    let callee =
      called.is(ArrayExprSyntax.self) && registry.globals["Array"] != nil
      ? lowerName("Array", span(called)) : lowerLink(called)
    let (arguments, site) = lowerArguments(node)
    if let member = callee as? MemberExpression, member.isImplicitSelf {
      return MethodCall(
        member.base, member.name, nameSpan: member.nameSpan, arguments, site, isImplicitSelf: true,
        receiver: receiverPlace(member.base, member.name))
    }
    return CallExpression(callee, arguments, site)
  }

  private func receiverPlace(_ receiver: Expression, _ name: String) -> Place? {
    Spelling.candidates(name).contains { mutatingNames.contains($0) } ? receiver.place : nil
  }

  private func lowerArguments(_ node: FunctionCallExprSyntax) -> ([Expression], CallSite) {
    var expressions: [Expression] = []
    var labels: [String?] = []
    var spans: [Span] = []
    for argument in node.arguments {
      expressions.append(lowerExpression(argument.expression))
      labels.append(argument.label?.name)
      spans.append(span(argument.expression))
    }
    var trailing = 0
    if let closure = node.trailingClosure {
      expressions.append(lowerClosure(closure))
      labels.append(nil)
      spans.append(span(closure))
      trailing += 1
    }
    for closure in node.additionalTrailingClosures {
      expressions.append(lowerClosure(closure.closure))
      labels.append(closure.label.name)
      spans.append(span(closure.closure))
      trailing += 1
    }
    let site = CallSite(
      span: span(node), source: source, argumentSpans: spans, labels: labels, trailingClosures: trailing)
    return (expressions, site)
  }

  func lowerSubscript(_ node: SubscriptCallExprSyntax) -> Expression {
    if let closure = node.trailingClosure {
      refuse("a closure after a subscript", at: closure, use: "leave it out")
    }
    let base = lowerLink(node.calledExpression)
    let arguments = node.arguments.map { lowerExpression($0.expression) }
    if arguments.isEmpty {
      report("missing-argument", "the subscript needs an index", at: span(node))
    }
    let site = CallSite(
      span: span(node), source: source, argumentSpans: node.arguments.map { span($0.expression) },
      labels: node.arguments.map { $0.label?.name }, trailingClosures: 0)
    return SubscriptExpression(base, arguments, site)
  }

  // MARK: closures

  func lowerClosure(_ node: ClosureExprSyntax) -> Expression {
    let at = span(node)
    let code = FunctionCode(name: "closure", source: source, span: at)
    code.isClosure = true
    let outer = scope
    scope = FunctionScope(code, parent: outer)
    let chain = chainHasOptional
    defer {
      scope = outer
      chainHasOptional = chain
    }
    if let signature = node.signature {
      lowerClosureSignature(signature, into: code)
    }
    scope.takesImplicitParameters = node.signature?.parameterClause == nil
    withBlock(node) { lowerBody(node.statements, into: code) }
    if scope.takesImplicitParameters, let last = scope.implicit.keys.max() {
      code.implicitParameters = last + 1
      code.parameters = (0...last).map { index in
        let local = implicitParameter(index, in: scope)
        return ParameterCode(
          label: nil, name: "$\(index)", target: scope.target(for: local), defaultValue: nil, annotation: nil,
          isVariadic: false, span: at)
      }
    }
    finish(code)
    return ClosureExpression(code, at)
  }

  private func lowerClosureSignature(_ signature: ClosureSignatureSyntax, into code: FunctionCode) {
    if let capture = signature.capture {
      refuse("a capture list", at: capture, use: "closures capture by reference; copy into a `let` before it")
    }
    checkAttributes(signature.attributes)
    if let asynchronous = signature.effectSpecifiers?.asyncSpecifier {
      refuse("`async`", at: asynchronous, use: "calls simply run to their end")
    }
    code.resultAnnotation = signature.returnClause.map { lowerType($0.type) }
    if case .void? = code.resultAnnotation { code.resultAnnotation = nil }
    func add(_ name: String, annotation: TypeReference?, _ at: Span) {
      if scope.blocks.last?[name] != nil, name != "_" {
        report("redeclared-name", "two parameters are called `\(name)`", at: at)
      }
      let local = scope.declare(name, isMutable: false, annotation: annotation)
      code.parameters.append(
        ParameterCode(
          label: nil, name: name, target: scope.target(for: local), defaultValue: nil,
          annotation: annotation == .any ? nil : annotation, isVariadic: false, span: at))
    }
    switch signature.parameterClause {
    case .simpleInput(let list):
      for parameter in list { add(parameter.name.name, annotation: nil, span(parameter.name)) }
    case .parameterClause(let clause):
      for parameter in clause.parameters {
        let name = parameter.secondName ?? parameter.firstName
        add(name.name, annotation: parameter.type.map { lowerType($0) }, span(name))
      }
    case nil: break
    }
  }

  private func implicitParameter(_ index: Int, in function: FunctionScope) -> LocalDeclaration {
    if let known = function.implicit[index] { return known }
    // Declared in the outermost block, wherever it is used first.
    let declaration = function.declare("$\(index)", isMutable: false, inBlock: 0)
    function.implicit[index] = declaration
    return declaration
  }

  func lowerImplicitParameter(_ text: String, _ at: Span) -> Expression {
    guard let index = Int(text.dropFirst()), index < 64 else {
      report("unknown-name", "`\(text)` is not defined", at: at)
      return Literal(.void, at)
    }
    if scope.takesImplicitParameters {
      let local = implicitParameter(index, in: scope)
      let node = LocalName(name: text, slot: local.slot, isMutable: false, at)
      local.add(node)
      return node
    }
    report(
      "misplaced-parameter",
      scope.code.isClosure
        ? "`\(text)` cannot be used in a closure that names its parameters"
        : "`\(text)` stands outside a closure", at: at)
    return Literal(.void, at)
  }
}
