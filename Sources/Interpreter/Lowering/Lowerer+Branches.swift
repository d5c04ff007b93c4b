import Diagnostics
import SwiftSyntax

/// Expressions that stand as statements, and `if` and `switch` that stand for a value.
extension Lowerer {
  func lowerExpressionStatement(_ expression: ExprSyntax, label: String? = nil) -> Statement {
    if let branch = expression.as(IfExprSyntax.self) { return lowerIf(branch) }
    if let branch = expression.as(SwitchExprSyntax.self) { return lowerSwitch(branch, label: label) }
    if let label {
      report("unknown-label", "the label `\(label)` does not stand before a loop", at: span(expression))
    }
    if isTopLevelCode, let question = expression.as(OptionalChainingExprSyntax.self) {
      return lowerHelp(question)
    }
    return ExpressionStatement(lowerExpression(expression))
  }

  /// `name?` asks for help.
  private func lowerHelp(_ question: OptionalChainingExprSyntax) -> Statement {
    let subject = lowerExpression(question.expression)
    let at = span(question)
    let site = CallSite(
      span: at, source: source, argumentSpans: [subject.span], labels: [nil], trailingClosures: 0)
    let help = CallExpression(lowerName("help", at), [subject], site)
    return HelpStatement(subject: subject, help: help, at)
  }

  func isBranching(_ expression: ExprSyntax) -> Bool {
    expression.is(IfExprSyntax.self) || expression.is(SwitchExprSyntax.self)
  }

  /// `if` or `switch` for its value. Branches that are more than one expression make it a statement without a value.
  func branchExpression(_ expression: ExprSyntax) -> Expression? {
    if let branch = expression.as(IfExprSyntax.self) {
      return branchValue(branch).map { BranchExpression($0) }
    }
    if let branch = expression.as(SwitchExprSyntax.self) {
      return BranchExpression(lowerSwitch(branch, isExpression: true))
    }
    return nil
  }

  private func branchValue(_ expression: IfExprSyntax) -> Statement? {
    deeper(expression, else: nil) {
      let (conditions, body) = withBlock(expression) {
        let conditions = lowerConditions(expression.conditions)
        return (conditions, withBlock(expression.body) { valueBlock(expression.body) })
      }
      var otherwise: Statement?
      switch expression.elseBody {
      case .ifExpr(let next)?: otherwise = branchValue(next)
      case .codeBlock(let block)?: otherwise = BlockStatement(withBlock(block) { valueBlock(block) })
      case nil: break
      }
      return IfStatement(conditions, body, otherwise: otherwise, span(expression))
    }
  }

  private func valueBlock(_ block: CodeBlockSyntax) -> Block {
    if block.statements.count == 1, let item = block.statements.first, let value = resultExpression(item) {
      return Block([ReturnStatement(value, value.span)], span(block))
    }
    return Block(lowerStatements(block.statements), span(block))
  }
}
