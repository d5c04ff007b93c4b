import Diagnostics
import SwiftOperators
@_spi(Compiler) import SwiftParser
import SwiftSyntax

extension Lowerer {
  func lowerExpression(_ expression: ExprSyntax) -> Expression {
    deeper(expression, else: hole(expression)) {
      switch expression.as(ExprSyntaxEnum.self) {
      case .memberAccessExpr, .functionCallExpr, .subscriptCallExpr, .forceUnwrapExpr, .optionalChainingExpr,
        .postfixOperatorExpr:
        return lowerChain(expression)
      default: return lowerPlain(expression)
      }
    }
  }

  /// A whole postfix chain; `a?` inside it makes all of it nil.
  private func lowerChain(_ expression: ExprSyntax) -> Expression {
    let outer = chainHasOptional
    chainHasOptional = false
    defer { chainHasOptional = outer }
    let inner = lowerLink(expression)
    return chainHasOptional ? OptionalChain(inner) : inner
  }

  /// One link of a chain, or what the chain starts with.
  func lowerLink(_ expression: ExprSyntax) -> Expression {
    deeper(expression, else: hole(expression)) {
      if let node = expression.as(MemberAccessExprSyntax.self) { return lowerMember(node) }
      if let node = expression.as(FunctionCallExprSyntax.self) { return lowerCall(node) }
      if let node = expression.as(SubscriptCallExprSyntax.self) { return lowerSubscript(node) }
      if let node = expression.as(ForceUnwrapExprSyntax.self) {
        return ForceUnwrap(lowerLink(node.expression), span(node))
      }
      if let node = expression.as(OptionalChainingExprSyntax.self) {
        chainHasOptional = true
        return OptionalBase(lowerLink(node.expression), span(node))
      }
      if let node = expression.as(PostfixOperatorExprSyntax.self) { return lowerPostfix(node) }
      // The start of the chain has chains of its own.
      let outer = chainHasOptional
      defer { chainHasOptional = outer }
      return lowerPlain(expression)
    }
  }

  private func lowerPlain(_ expression: ExprSyntax) -> Expression {
    let at = span(expression)
    switch expression.as(ExprSyntaxEnum.self) {
    case .integerLiteralExpr(let node): return lowerInteger(node, negative: false, at)
    case .floatLiteralExpr(let node):
      let text = node.literal.text.replacing("_")
      return Literal(.double(Double(text) ?? .nan), at)
    case .booleanLiteralExpr(let node): return Literal(.bool(node.literal.tokenKind == .keyword(.true)), at)
    case .nilLiteralExpr: return Literal(.null, at)
    case .stringLiteralExpr(let node): return lowerString(node)
    case .arrayExpr(let node): return lowerArray(node)
    case .dictionaryExpr(let node): return lowerDictionary(node)
    case .tupleExpr(let node): return lowerTuple(node)
    case .declReferenceExpr(let node): return lowerReference(node)
    case .sequenceExpr(let node): return lowerSequence(node)
    case .infixOperatorExpr(let node): return lowerInfix(node)
    case .prefixOperatorExpr(let node): return lowerPrefix(node)
    case .ternaryExpr(let node):
      return Ternary(
        lowerExpression(node.condition), lowerExpression(node.thenExpression),
        lowerExpression(node.elseExpression),
        at)
    case .closureExpr(let node): return lowerClosure(node)
    case .tryExpr(let node):
      let inner = lowerExpression(node.expression)
      return node.questionOrExclamationMark?.tokenKind == .postfixQuestionMark
        ? OptionalTry(inner, at) : inner
    case .discardAssignmentExpr:
      report("misplaced-wildcard", "`_` can only stand on the left of `=`", at: at)
      return hole(expression)
    case .ifExpr, .switchExpr: return branchExpression(expression) ?? hole(expression)
    case .memberAccessExpr, .functionCallExpr, .subscriptCallExpr, .forceUnwrapExpr, .optionalChainingExpr,
      .postfixOperatorExpr:
      return lowerChain(expression)
    default:
      refuseExpression(expression)
      return hole(expression)
    }
  }

  private func lowerReference(_ node: DeclReferenceExprSyntax) -> Expression {
    let at = span(node)
    if let names = node.argumentNames {
      refuse("`\(node.trimmedDescription)`", at: names, use: "write `\(node.baseName.name)` alone")
    }
    if case .dollarIdentifier(let text) = node.baseName.tokenKind { return lowerImplicitParameter(text, at) }
    if case .binaryOperator(let text) = node.baseName.tokenKind {
      // `reduce(0, +)`; and `...` alone is a whole axis.
      if text == "..." { return Literal(.range(.whole), at) }
      if let operation = BinaryOperator(rawValue: text) { return operatorFunction(operation, at) }
      refuse("the operator `\(text)` as a function", at: node, use: "write a closure `{ $0 \(text) $1 }`")
      return hole(node)
    }
    if node.baseName.text == "..." { return Literal(.range(.whole), at) }
    return lowerName(node.baseName.name, at)
  }

  private func operatorFunction(_ operation: BinaryOperator, _ at: Span) -> Expression {
    Literal(
      .function(
        FunctionValue(name: operation.rawValue) { arguments, evaluation in
          guard arguments.count == 2 else {
            throw Diagnostic(
              id: "missing-argument",
              message: "`\(operation.rawValue)` takes 2 arguments, not \(arguments.count)")
          }
          return try Operators.apply(operation, arguments.values[0], arguments.values[1], evaluation)
        }), at)
  }

  // MARK: literals

  private func lowerInteger(_ node: IntegerLiteralExprSyntax, negative: Bool, _ at: Span) -> Expression {
    let text = (negative ? "-" : "") + node.literal.text.replacing("_")
    let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
    let sign = text.hasPrefix("-") ? "-" : ""
    let value: Int?
    if digits.hasPrefix("0x") {
      value = Int(sign + digits.dropFirst(2), radix: 16)
    } else if digits.hasPrefix("0b") {
      value = Int(sign + digits.dropFirst(2), radix: 2)
    } else if digits.hasPrefix("0o") {
      value = Int(sign + digits.dropFirst(2), radix: 8)
    } else {
      value = Int(text)
    }
    guard let value else {
      report(
        "integer-overflow", "`\(text.prefix(40))` does not fit in an Int", at: at,
        hints: ["write it as a Double: add `.0`"])
      return Literal(.int(0), at)
    }
    return Literal(.int(value), at)
  }

  private func lowerString(_ node: StringLiteralExprSyntax) -> Expression {
    let at = span(node)
    guard let kind = node.stringLiteralKind else { return hole(node) }
    var parts: [Interpolation.Part] = []
    var text = ""
    for segment in node.segments {
      switch segment {
      case .stringSegment(let segment):
        segment.appendUnescapedLiteralValue(
          stringLiteralKind: kind, delimiterLength: node.delimiterLength, to: &text)
      case .expressionSegment(let segment):
        let expressions = Array(segment.expressions)
        if expressions.count != 1 || expressions.first?.label != nil {
          refuse(
            "more than one value in `\\(…)`", at: segment, use: "write `\\(…)` for each, or `String(format:)`"
          )
        }
        if !text.isEmpty { parts.append(.text(text)) }
        text = ""
        if let expression = expressions.first?.expression {
          parts.append(.value(lowerExpression(expression)))
        }
      }
    }
    if parts.isEmpty { return Literal(.string(text), at) }
    if !text.isEmpty { parts.append(.text(text)) }
    return Interpolation(parts, at)
  }

  private func lowerArray(_ node: ArrayExprSyntax) -> Expression {
    let elements = node.elements.map { lowerExpression($0.expression) }
    let unified = Self.hasDoubleLiteral(elements) ? elements.map(Self.doubled) : elements
    return ArrayLiteral(unified, span(node))
  }

  /// As in Swift, one Double among the number literals of an array makes all of them Doubles.
  static func hasDoubleLiteral(_ elements: [Expression]) -> Bool {
    elements.contains { element in
      switch element {
      case let literal as Literal: if case .double = literal.value { true } else { false }
      case let array as ArrayLiteral: hasDoubleLiteral(array.elements)
      default: false
      }
    }
  }

  static func doubled(_ element: Expression) -> Expression {
    if let literal = element as? Literal, case .int(let value) = literal.value {
      return Literal(.double(Double(value)), literal.span)
    }
    if let array = element as? ArrayLiteral { return ArrayLiteral(array.elements.map(doubled), array.span) }
    return element
  }

  private func lowerDictionary(_ node: DictionaryExprSyntax) -> Expression {
    switch node.content {
    case .colon: return DictionaryLiteral([], span(node))
    case .elements(let list):
      let keys = list.map { lowerExpression($0.key) }
      var values = list.map { lowerExpression($0.value) }
      if Self.hasDoubleLiteral(values) { values = values.map(Self.doubled) }
      return DictionaryLiteral(zip(keys, values).map { (key: $0, value: $1) }, span(node))
    }
  }

  private func lowerTuple(_ node: TupleExprSyntax) -> Expression {
    let elements = Array(node.elements)
    if elements.count == 1, elements[0].label == nil {
      let inner = lowerExpression(elements[0].expression)
      // Parentheses keep their own span out: problems point at what is inside.
      return inner
    }
    if elements.isEmpty { return Literal(.void, span(node)) }
    return TupleLiteral(
      elements.map { lowerExpression($0.expression) }, labels: elements.map { $0.label?.name }, span(node))
  }

  // MARK: operators

  private func lowerPrefix(_ node: PrefixOperatorExprSyntax) -> Expression {
    let at = span(node)
    let text = node.operator.text
    switch text {
    case "-":
      if let literal = node.expression.as(IntegerLiteralExprSyntax.self) {
        return lowerInteger(literal, negative: true, at)
      }
      // `x[-3...]` parses as `-(3...)`.
      if let postfix = node.expression.as(PostfixOperatorExprSyntax.self), postfix.operator.text == "..." {
        let bound = lowerExpression(postfix.expression)
        return RangeExpression(negated(bound, at), nil, isClosed: true, at)
      }
      return negated(lowerExpression(node.expression), at)
    case "+": return UnaryExpression(.plus, lowerExpression(node.expression), at)
    case "!": return UnaryExpression(.not, lowerExpression(node.expression), at)
    case "...": return RangeExpression(nil, lowerExpression(node.expression), isClosed: true, at)
    case "..<": return RangeExpression(nil, lowerExpression(node.expression), isClosed: false, at)
    case "&": refuse("`&` (inout)", at: node, use: "return the new value from the function")
    default:
      report(
        "unknown-operator", "`\(text)` is no operator", at: span(node.operator), hints: operatorHints(text))
    }
    return hole(node)
  }

  private func negated(_ operand: Expression, _ at: Span) -> Expression {
    if let literal = operand as? Literal {
      if case .double(let value) = literal.value { return Literal(.double(-value), at) }
      if case .int(let value) = literal.value, value != .min { return Literal(.int(-value), at) }
    }
    return UnaryExpression(.minus, operand, at)
  }

  private func lowerPostfix(_ node: PostfixOperatorExprSyntax) -> Expression {
    let text = node.operator.text
    if text == "..." {
      return RangeExpression(lowerExpression(node.expression), nil, isClosed: true, span(node))
    }
    report(
      "unknown-operator", "`\(text)` is no operator", at: span(node.operator), hints: operatorHints(text))
    return hole(node)
  }

  /// Folds a flat sequence of operands and operators by precedence.
  private func lowerSequence(_ node: SequenceExprSyntax) -> Expression {
    let count = node.elements.count
    guard count <= 2 * Self.depthLimit + 1 else {
      report(
        "nested-too-deep", "one expression has \(count / 2) operators; the most is \(Self.depthLimit)",
        at: span(node),
        hints: ["add up an array: `values.reduce(0, +)`"])
      return hole(node)
    }
    var failed = false
    let base = offset + node.position.utf8Offset
    let folded = Self.operators.foldSingle(node) { error in
      // The fold goes on with a guess; the problem is told once.
      if !failed { self.report(error) }
      failed = true
    }
    if failed { return hole(node) }
    let outer = offset
    offset = base
    defer { offset = outer }
    return lowerExpression(folded)
  }

  private func lowerInfix(_ node: InfixOperatorExprSyntax) -> Expression {
    if node.operator.is(AssignmentExprSyntax.self) {
      return lowerAssignment(node)
    }
    guard let symbol = node.operator.as(BinaryOperatorExprSyntax.self)?.operator.text else {
      refuse("`\(node.operator.trimmedDescription)`", at: node.operator)
      return hole(node)
    }
    if symbol.hasSuffix("="), let operation = BinaryOperator(rawValue: String(symbol.dropLast())),
      ["+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="].contains(symbol)
    {
      return lowerCompound(operation, node)
    }
    // A long chain leans to the left: walked down in a loop, then built from the bottom up.
    var spine: [(node: InfixOperatorExprSyntax, symbol: String, token: TokenSyntax)] = []
    var current = ExprSyntax(node)
    while let infix = current.as(InfixOperatorExprSyntax.self),
      let token = infix.operator.as(BinaryOperatorExprSyntax.self)?.operator
    {
      spine.append((infix, token.text, token))
      current = infix.leftOperand
    }
    var result = lowerExpression(current)
    for (infix, symbol, token) in spine.reversed() {
      result = combine(symbol, token, result, lowerExpression(infix.rightOperand), span(infix))
    }
    return result
  }

  private func combine(
    _ symbol: String, _ token: TokenSyntax, _ left: Expression, _ right: Expression, _ at: Span
  ) -> Expression {
    if let operation = BinaryOperator(rawValue: symbol) {
      return BinaryExpression(operation, left, right, at)
    }
    switch symbol {
    case "&&": return LogicalExpression(isAnd: true, left, right, at)
    case "||": return LogicalExpression(isAnd: false, left, right, at)
    case "??": return NilCoalescing(left, right, at)
    case "..<": return RangeExpression(left, right, isClosed: false, at)
    case "...": return RangeExpression(left, right, isClosed: true, at)
    case "===": return IdentityExpression(isNegated: false, left, right, at)
    case "!==": return IdentityExpression(isNegated: true, left, right, at)
    case "~=":
      refuse("`~=`", at: token, use: "write `range.contains(value)`")
    default:
      report(
        "unsupported-syntax", "the operator `\(symbol)` is not part of Innerloop", at: span(token),
        hints: operatorHints(symbol))
    }
    return Literal(.void, at)
  }

  // MARK: assignment

  private func lowerAssignment(_ node: InfixOperatorExprSyntax) -> Expression {
    let at = span(node)
    let left = node.leftOperand
    if left.is(DiscardAssignmentExprSyntax.self) {
      let target = hole(left)
      return Assignment(
        target: target, DiscardPlace(span(left)), lowerValue(node.rightOperand), annotation: nil, at)
    }
    let value = lowerValue(node.rightOperand)
    if let tuple = left.as(TupleExprSyntax.self), tuple.elements.count > 1 {
      let parts = tuple.elements.map { element -> (Expression, Place) in
        if element.expression.is(DiscardAssignmentExprSyntax.self) {
          return (hole(element.expression), DiscardPlace(span(element)))
        }
        let target = lowerExpression(element.expression)
        return (target, place(of: target, value: nil))
      }
      return Assignment(
        target: TupleLiteral(parts.map(\.0), labels: [], span(left)), TuplePlace(parts.map(\.1), span(left)),
        value,
        annotation: nil, at)
    }
    let target = lowerExpression(left)
    if let unresolved = target as? UnresolvedName {
      let hint = value.span.length < 60 ? source[value.span] : "…"
      report(
        "undeclared-variable", "`\(unresolved.name)` is not declared", at: target.span,
        hints: [
          "write `let \(unresolved.name) = \(hint)`, or `var` if it will change",
          suggestion(for: unresolved.name, among: visibleVariables()).map { "did you mean `\($0)`?" },
        ].compactMap { $0 })
      return Assignment(target: hole(left), DiscardPlace(target.span), value, annotation: nil, at)
    }
    var annotation: TypeReference?
    if let name = left.as(DeclReferenceExprSyntax.self)?.baseName.name { annotation = localAnnotation(name) }
    return Assignment(target: target, place(of: target, value: value), value, annotation: annotation, at)
  }

  private func lowerValue(_ expression: ExprSyntax) -> Expression {
    isBranching(expression) ? branchExpression(expression) ?? hole(expression) : lowerExpression(expression)
  }

  private func visibleVariables() -> [String] {
    scope.visibleNames + pending.keys.sorted() + globals.names
  }

  private func lowerCompound(_ operation: BinaryOperator, _ node: InfixOperatorExprSyntax) -> Expression {
    let target = lowerExpression(node.leftOperand)
    let value = lowerExpression(node.rightOperand)
    return CompoundAssignment(operation, target: target, place(of: target, value: value), value, span(node))
  }

  /// The place an expression stands for; reports what cannot be written to.
  private func place(of target: Expression, value: Expression?) -> Place {
    if let place = target.place {
      if let variable = place as? VariablePlace, !variable.isMutable {
        let name = variable.name
        if name == "self" {
          report(
            "constant-changed", "`self` cannot be replaced in a method that is not `mutating`",
            at: target.span,
            hints: ["write `mutating func`"])
        } else {
          report(
            "constant-changed", "`\(name)` is a constant and cannot be changed", at: target.span,
            hints: ["declare it with `var \(name)`"])
        }
      }
      return place
    }
    if !(target is UnresolvedName), !(target is Literal && source[target.span].isEmpty) {
      report(
        "not-assignable", "this cannot be assigned to", at: target.span,
        hints: target is BuiltinName
          ? ["`\(source[target.span])` is a builtin; choose another name with `let`"] : [])
    }
    return DiscardPlace(target.span)
  }
}

extension String {
  fileprivate func replacing(_ character: Character) -> String { filter { $0 != character } }
}
