import Diagnostics
import SwiftSyntax

extension Lowerer {
  /// A pattern of `case`: literals, ranges, tuples, `let x`, `x?`, and any expression to be equal to.
  func lowerPattern(_ pattern: PatternSyntax, isBinding: Bool = false, isMutable: Bool = false) -> Pattern {
    let at = span(pattern)
    return deeper(pattern, else: WildcardPattern(at)) {
      if let node = pattern.as(ExpressionPatternSyntax.self) {
        return lowerPattern(node.expression, isBinding: isBinding, isMutable: isMutable)
      }
      if let node = pattern.as(ValueBindingPatternSyntax.self) {
        return lowerPattern(
          node.pattern, isBinding: true, isMutable: node.bindingSpecifier.tokenKind == .keyword(.var))
      }
      if let node = pattern.as(IdentifierPatternSyntax.self) {
        return binding(node.identifier.name, isMutable: isMutable, at)
      }
      if pattern.is(WildcardPatternSyntax.self) { return WildcardPattern(at) }
      if let node = pattern.as(TuplePatternSyntax.self) {
        return TuplePattern(
          node.elements.map { lowerPattern($0.pattern, isBinding: isBinding, isMutable: isMutable) }, at)
      }
      if pattern.is(IsTypePatternSyntax.self) {
        refuse("the pattern `is`", at: pattern, use: "compare `type(of:)`")
        return WildcardPattern(at)
      }
      refuse("this pattern", at: pattern)
      return WildcardPattern(at)
    }
  }

  private func binding(_ name: String, isMutable: Bool, _ at: Span) -> Pattern {
    // Bindings of a case are locals, also at the top level of a cell, where a block is open.
    BindingPattern(declare(name, isMutable: isMutable, at: at), at)
  }

  private func lowerPattern(_ expression: ExprSyntax, isBinding: Bool, isMutable: Bool) -> Pattern {
    let at = span(expression)
    if let node = expression.as(PatternExprSyntax.self) {
      return lowerPattern(node.pattern, isBinding: isBinding, isMutable: isMutable)
    }
    if expression.is(DiscardAssignmentExprSyntax.self) { return WildcardPattern(at) }
    if let node = expression.as(TupleExprSyntax.self), node.elements.count > 1 {
      return TuplePattern(
        node.elements.map { lowerPattern($0.expression, isBinding: isBinding, isMutable: isMutable) }, at)
    }
    if let node = expression.as(OptionalChainingExprSyntax.self) {
      return OptionalPattern(lowerPattern(node.expression, isBinding: isBinding, isMutable: isMutable), at)
    }
    if isBinding, let node = expression.as(DeclReferenceExprSyntax.self) {
      return binding(node.baseName.name, isMutable: isMutable, at)
    }
    if let call = expression.as(FunctionCallExprSyntax.self),
      call.calledExpression.as(MemberAccessExprSyntax.self)?.base == nil,
      call.calledExpression.is(MemberAccessExprSyntax.self)
    {
      refuse("a case with values", at: expression, use: "use a tuple such as `(\"name\", value)`")
      return WildcardPattern(at)
    }
    return ExpressionPattern(lowerExpression(expression))
  }
}
