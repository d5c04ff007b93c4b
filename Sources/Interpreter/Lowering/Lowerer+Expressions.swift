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

  func lowerInteger(_ node: IntegerLiteralExprSyntax, negative: Bool, _ at: Span) -> Expression {
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
}

extension String {
  fileprivate func replacing(_ character: Character) -> String { filter { $0 != character } }
}
