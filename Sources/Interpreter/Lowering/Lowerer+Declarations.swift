import Diagnostics
import SwiftSyntax

extension Lowerer {
  /// Makes the names a cell declares at its top level known before any of its code is lowered, so that functions can use
  /// what is declared below them.
  func declareGlobals(_ items: CodeBlockItemListSyntax) {
    var seen: [String: Span] = [:]
    func note(_ name: String, isMutable: Bool, annotation: TypeReference?, at span: Span) {
      if let first = seen[name] {
        report(
          "redeclared-name", "`\(name)` is declared twice in this cell", at: span,
          hints: ["use another name, or `\(name) = …` to change it"],
          notes: [Diagnostic.Note("it is declared here first", at: first)])
        return
      }
      seen[name] = span
      pending[name] = (isMutable, annotation)
      program.newGlobalNames.append((name, isMutable))
    }
    for item in items {
      guard case .decl(let declaration) = item.item else { continue }
      if let variable = declaration.as(VariableDeclSyntax.self) {
        let isVar = variable.bindingSpecifier.tokenKind == .keyword(.var)
        for binding in variable.bindings {
          let annotation = binding.typeAnnotation.flatMap { quietType($0.type) }
          let isMutable = isVar || (binding.initializer == nil && binding.accessorBlock == nil)
          for (name, span) in names(in: binding.pattern) {
            note(name, isMutable: isMutable, annotation: annotation, at: span)
          }
        }
      } else if let function = declaration.as(FunctionDeclSyntax.self) {
        note(function.name.name, isMutable: false, annotation: nil, at: span(function.name))
      } else if let structure = declaration.as(StructDeclSyntax.self) {
        note(structure.name.name, isMutable: false, annotation: nil, at: span(structure.name))
      }
      collectMutatingNames(declaration)
    }
  }

  private func collectMutatingNames(_ declaration: DeclSyntax) {
    guard let structure = declaration.as(StructDeclSyntax.self) else { return }
    for member in structure.memberBlock.members {
      if let function = member.decl.as(FunctionDeclSyntax.self),
        function.modifiers.contains(where: { $0.name.tokenKind == .keyword(.mutating) })
      {
        mutatingNames.insert(function.name.name)
        program.mutatingNames.insert(function.name.name)
      }
    }
  }

  func names(in pattern: PatternSyntax) -> [(String, Span)] {
    if let identifier = pattern.as(IdentifierPatternSyntax.self) {
      return [(identifier.identifier.name, span(identifier))]
    }
    if let tuple = pattern.as(TuplePatternSyntax.self) {
      return tuple.elements.flatMap { names(in: $0.pattern) }
    }
    return []
  }

  // MARK: variables

  func lowerVariable(_ declaration: VariableDeclSyntax) -> [Statement] {
    checkModifiers(declaration.modifiers, allowed: [])
    checkAttributes(declaration.attributes)
    let isVar = declaration.bindingSpecifier.tokenKind == .keyword(.var)
    if !isVar, declaration.bindingSpecifier.tokenKind != .keyword(.let) {
      refuse("`\(declaration.bindingSpecifier.text)`", at: declaration.bindingSpecifier)
    }
    var result: [Statement] = []
    for binding in declaration.bindings {
      if let accessors = binding.accessorBlock {
        refuse(
          "a computed variable outside a struct", at: accessors, use: "write a `func`")
      }
      let annotation = binding.typeAnnotation.map { lowerType($0.type) }
      let at = span(binding)
      // The initial value is lowered first: `let x = x` means the outer one.
      let initial = binding.initializer.map { lowerExpression($0.value) }
      let isMutable = isVar || initial == nil
      if initial == nil, annotation == nil, binding.accessorBlock == nil {
        let name = binding.pattern.trimmedDescription
        report(
          "missing-value", "`\(name)` needs a value or a type", at: at,
          hints: ["write `\(isVar ? "var" : "let") \(name) = …`"])
      }
      let pattern = lowerBindingPattern(binding.pattern, isMutable: isMutable, annotation: annotation)
      let statement = VariableDeclaration(
        pattern, initial.map { converted($0, annotation) }, annotation: annotation, isMutable: isVar, at)
      if isTopLevel {
        for (name, _) in names(in: binding.pattern) {
          program.declarations[name] = .variable(isMutable: isVar, initial: initial, annotation: annotation)
        }
      }
      result.append(statement)
    }
    return result
  }

  /// A number literal under a Double annotation becomes a Double literal.
  private func converted(_ expression: Expression, _ annotation: TypeReference?) -> Expression {
    guard let annotation, let literal = expression as? Literal,
      let value = try? literal.value.annotated(annotation, name: nil)
    else { return expression }
    return Literal(value, literal.span)
  }

  /// The pattern of a `let`, `var`, `for` or `if let`: names, `_` and tuples.
  func lowerBindingPattern(
    _ pattern: PatternSyntax, isMutable: Bool, annotation: TypeReference? = nil
  ) -> Pattern {
    let at = span(pattern)
    if let identifier = pattern.as(IdentifierPatternSyntax.self) {
      return BindingPattern(
        declare(identifier.identifier.name, isMutable: isMutable, annotation: annotation, at: at), at)
    }
    if pattern.is(WildcardPatternSyntax.self) { return WildcardPattern(at) }
    if let tuple = pattern.as(TuplePatternSyntax.self) {
      return TuplePattern(
        tuple.elements.map { lowerBindingPattern($0.pattern, isMutable: isMutable) }, at)
    }
    if let inner = pattern.as(ValueBindingPatternSyntax.self) {
      return lowerBindingPattern(
        inner.pattern, isMutable: inner.bindingSpecifier.tokenKind == .keyword(.var))
    }
    return lowerPattern(pattern)
  }

  // MARK: functions

  func lowerFunction(_ declaration: FunctionDeclSyntax) -> Statement? {
    checkModifiers(declaration.modifiers, allowed: [])
    let name = declaration.name.name
    let at = span(declaration.name)
    let isTop = isTopLevel
    let target: VariableTarget
    if !isTop, let known = scope.blocks.last?[name] {
      target = scope.target(for: known)
    } else {
      target = declare(name, isMutable: false, at: at)
    }
    let code = lowerFunctionCode(declaration, structure: nil)
    if isTop { program.declarations[name] = .function(code) }
    return FunctionDeclaration(code, target, span(declaration))
  }

  /// The code of a `func`; `structure` for methods.
  func lowerFunctionCode(
    _ declaration: FunctionDeclSyntax, structure: StructScope?, isStatic: Bool = false,
    isMutating: Bool = false
  ) -> FunctionCode {
    checkAttributes(declaration.attributes)
    if let generics = declaration.genericParameterClause {
      refuse("`<…>` (generics)", at: generics, use: "leave it out, values of any type are accepted")
    }
    if let clause = declaration.genericWhereClause {
      refuse("a generic `where` clause", at: clause, use: "leave it out")
    }
    if case .binaryOperator = declaration.name.tokenKind {
      refuse("an operator function", at: declaration.name, use: "give it a name")
    }
    let code = FunctionCode(name: declaration.name.name, source: source, span: span(declaration))
    code.documentation = documentation(of: declaration)
    code.isMutating = isMutating
    lowerSignature(
      declaration.signature, body: declaration.body, into: code, structure: structure, isStatic: isStatic,
      isInitializer: false, selfIsMutable: isMutating)
    if declaration.body == nil {
      report(
        "missing-body", "`\(code.name)` needs a body", at: span(declaration.name),
        hints: ["write `{ … }` after it"])
    }
    return code
  }

  func lowerSignature(
    _ signature: FunctionSignatureSyntax, body: CodeBlockSyntax?, into code: FunctionCode,
    structure: StructScope?,
    isStatic: Bool, isInitializer: Bool, selfIsMutable: Bool
  ) {
    if let asynchronous = signature.effectSpecifiers?.asyncSpecifier {
      refuse("`async`", at: asynchronous, use: "calls simply run to their end")
    }
    let outer = scope
    scope = FunctionScope(
      code, parent: structure == nil ? outer : nil, structure: structure, isStatic: isStatic,
      isInitializer: isInitializer)
    defer { scope = outer }
    if structure != nil {
      code.selfTarget = scope.target(for: scope.declare("self", isMutable: selfIsMutable))
    }
    code.resultAnnotation = signature.returnClause.map { lowerType($0.type) }
    if case .void? = code.resultAnnotation { code.resultAnnotation = nil }
    for parameter in signature.parameterClause.parameters {
      let defaultValue = parameter.defaultValue.map { lowerExpression($0.value) }
      let annotation = lowerType(parameter.type)
      let name = (parameter.secondName ?? parameter.firstName).name
      let label: String? = parameter.firstName.tokenKind == .wildcard ? nil : parameter.firstName.name
      let at = span(parameter.secondName ?? parameter.firstName)
      if scope.blocks.last?[name] != nil, name != "_" {
        report("redeclared-name", "two parameters are called `\(name)`", at: at)
      }
      let local = scope.declare(name, isMutable: false, annotation: annotation)
      code.parameters.append(
        ParameterCode(
          label: label, name: name, target: scope.target(for: local), defaultValue: defaultValue,
          annotation: parameter.ellipsis == nil ? (annotation == .any ? nil : annotation) : nil,
          isVariadic: parameter.ellipsis != nil, span: at))
    }
    // A body may shadow the parameters.
    if let body { withBlock(body) { lowerBody(body.statements, into: code) } }
    finish(code)
  }

  func finish(_ code: FunctionCode) {
    code.isPlain = code.parameters.allSatisfy {
      ($0.label == nil || code.isClosure) && $0.defaultValue == nil && !$0.isVariadic && $0.annotation == nil
    }
    code.requiredCount = code.parameters.filter { !$0.isOptional }.count
  }

  /// The statements of a function; a single expression is its result.
  func lowerBody(_ items: CodeBlockItemListSyntax, into code: FunctionCode) {
    if items.count == 1, let first = items.first, let expression = resultExpression(first) {
      code.single = expression
      code.body = Block([ExpressionStatement(expression)], expression.span)
      return
    }
    code.body = Block(lowerStatements(items), items.isEmpty ? code.span : span(items))
  }

  /// The value of a body that is one expression, or one `if` or `switch` whose branches are.
  func resultExpression(_ item: CodeBlockItemSyntax) -> Expression? {
    switch item.item {
    case .expr(let expression):
      if isBranching(expression) { return branchExpression(expression) }
      return lowerExpression(expression)
    case .stmt(let statement):
      if let wrapped = statement.as(ExpressionStmtSyntax.self) {
        guard isBranching(wrapped.expression) else { return lowerExpression(wrapped.expression) }
        return branchExpression(wrapped.expression)
      }
      return nil
    case .decl: return nil
    }
  }

  // MARK: what declarations may carry

  func checkModifiers(_ modifiers: DeclModifierListSyntax, allowed: Set<String>) {
    let harmless: Set<String> = [
      "private", "fileprivate", "internal", "public", "package", "final", "nonmutating",
    ]
    for modifier in modifiers
    where !harmless.contains(modifier.name.text) && !allowed.contains(modifier.name.text) {
      refuse("`\(modifier.name.text)` here", at: modifier, use: "leave it out")
    }
  }

  func checkAttributes(_ attributes: AttributeListSyntax) {
    for attribute in attributes {
      refuse("`\(attribute.trimmedDescription)`", at: attribute, use: "leave it out")
    }
  }

  /// The `///` comment before a declaration, without its slashes.
  func documentation(of node: some SyntaxProtocol) -> String {
    var lines: [String] = []
    for piece in node.leadingTrivia {
      if case .docLineComment(let text) = piece {
        let line = text.dropFirst(3)
        lines.append(String(line.hasPrefix(" ") ? line.dropFirst() : line))
      }
    }
    return lines.joined(separator: "\n")
  }
}
