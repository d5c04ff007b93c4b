import Diagnostics
import SwiftOperators
import SwiftSyntax

extension Lowerer {
  func lowerPrefix(_ node: PrefixOperatorExprSyntax) -> Expression {
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

  func lowerPostfix(_ node: PostfixOperatorExprSyntax) -> Expression {
    let text = node.operator.text
    if text == "..." {
      return RangeExpression(lowerExpression(node.expression), nil, isClosed: true, span(node))
    }
    report(
      "unknown-operator", "`\(text)` is no operator", at: span(node.operator), hints: operatorHints(text))
    return hole(node)
  }

  /// Folds a flat sequence of operands and operators by precedence.
  func lowerSequence(_ node: SequenceExprSyntax) -> Expression {
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

  func lowerInfix(_ node: InfixOperatorExprSyntax) -> Expression {
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
