import Diagnostics
import SwiftSyntax

extension Lowerer {
  func lowerStatements(_ items: some Collection<CodeBlockItemSyntax>) -> [Statement] {
    var result: [Statement] = []
    var hasDefer = false
    if !isTopLevel {
      // Functions of a block can call each other in any order, so their names come first.
      for item in items {
        if case .decl(let declaration) = item.item, let function = declaration.as(FunctionDeclSyntax.self) {
          let name = function.name.name
          if scope.blocks.last?[name] != nil {
            report("redeclared-name", "`\(name)` is declared twice in this scope", at: span(function.name))
          }
          result.append(
            PreparedName(scope.target(for: scope.declare(name, isMutable: false)), span(function.name)))
        }
      }
    }
    for item in items {
      switch item.item {
      case .decl(let declaration): result += lowerDeclaration(declaration)
      case .stmt(let statement):
        if let lowered = lowerStatement(statement) {
          if lowered is DeferStatement { hasDefer = true }
          result.append(lowered)
        }
      case .expr(let expression): result.append(lowerExpressionStatement(expression))
      }
    }
    if hasDefer, let first = result.first, let last = result.last {
      return [DeferringBlock(result, first.span.union(last.span))]
    }
    return result
  }

  func lowerBlock(_ block: CodeBlockSyntax) -> Block {
    deeper(block, else: Block([], span(block))) {
      withBlock(block) { Block(lowerStatements(block.statements), span(block)) }
    }
  }

  private func lowerDeclaration(_ declaration: DeclSyntax) -> [Statement] {
    if let variable = declaration.as(VariableDeclSyntax.self) { return lowerVariable(variable) }
    if let function = declaration.as(FunctionDeclSyntax.self) {
      return deeper(function, else: []) { [lowerFunction(function)].compactMap { $0 } }
    }
    if let structure = declaration.as(StructDeclSyntax.self) {
      return deeper(structure, else: []) { [lowerStructure(structure)] }
    }
    refuseDeclaration(declaration)
    return []
  }

  func lowerStatement(_ statement: StmtSyntax, label: String? = nil) -> Statement? {
    let at = span(statement)
    if let wrapped = statement.as(ExpressionStmtSyntax.self) {
      return lowerExpressionStatement(wrapped.expression, label: label)
    }
    if let statement = statement.as(ReturnStmtSyntax.self) {
      if isTopLevelCode { report("misplaced-return", "`return` stands outside a function", at: at) }
      return ReturnStatement(statement.expression.map(lowerResult), at)
    }
    if let statement = statement.as(GuardStmtSyntax.self) {
      let body = lowerBlock(statement.body)
      return GuardStatement(lowerConditions(statement.conditions), body, at)
    }
    if let statement = statement.as(WhileStmtSyntax.self) {
      return withBlock(statement) {
        let conditions = lowerConditions(statement.conditions)
        return WhileLoop(conditions, loopBody(statement.body, label), label: label, at)
      }
    }
    if let statement = statement.as(RepeatStmtSyntax.self) {
      let body = loopBody(statement.body, label)
      return RepeatLoop(body, lowerExpression(statement.condition), label: label, at)
    }
    if let statement = statement.as(ForStmtSyntax.self) { return lowerFor(statement, label: label) }
    if let statement = statement.as(BreakStmtSyntax.self) {
      checkJump("break", label: statement.label, at: at, isAllowed: scope.breakableDepth > 0)
      return JumpStatement(.breaking, label: statement.label?.name, at)
    }
    if let statement = statement.as(ContinueStmtSyntax.self) {
      checkJump("continue", label: statement.label, at: at, isAllowed: scope.loopDepth > 0)
      return JumpStatement(.continuing, label: statement.label?.name, at)
    }
    if let statement = statement.as(ThrowStmtSyntax.self) {
      return ThrowStatement(lowerExpression(statement.expression), at)
    }
    if let statement = statement.as(DoStmtSyntax.self) { return lowerDo(statement) }
    if let statement = statement.as(DeferStmtSyntax.self) {
      return DeferStatement(lowerBlock(statement.body), at)
    }
    if let statement = statement.as(LabeledStmtSyntax.self) {
      return lowerStatement(statement.statement, label: statement.label.name)
    }
    if statement.is(FallThroughStmtSyntax.self) {
      report("misplaced-fallthrough", "`fallthrough` must be the last statement of a case", at: at)
      return nil
    }
    refuseStatement(statement)
    return nil
  }

  var isTopLevelCode: Bool { scope.parent == nil && scope.code === program.code }

  /// An expression whose value leaves the block; `if` and `switch` count as expressions.
  private func lowerResult(_ expression: ExprSyntax) -> Expression {
    isBranching(expression) ? branchExpression(expression) ?? hole(expression) : lowerExpression(expression)
  }

  private func checkJump(_ word: String, label: TokenSyntax?, at: Span, isAllowed: Bool) {
    if let label, !scope.labels.contains(label.name) {
      report(
        "unknown-label", "no loop around this is labelled `\(label.name)`", at: span(label),
        hints: suggestion(for: label.name, among: scope.labels).map { ["did you mean `\($0)`?"] } ?? [])
    } else if !isAllowed {
      report("misplaced-jump", "`\(word)` stands outside a loop", at: at)
    }
  }

  private func loopBody(_ block: CodeBlockSyntax, _ label: String?) -> Block {
    scope.loopDepth += 1
    scope.breakableDepth += 1
    if let label { scope.labels.append(label) }
    defer {
      scope.loopDepth -= 1
      scope.breakableDepth -= 1
      if label != nil { scope.labels.removeLast() }
    }
    return lowerBlock(block)
  }

  private func lowerFor(_ statement: ForStmtSyntax, label: String?) -> Statement {
    if let keyword = statement.awaitKeyword { refuse("`await`", at: keyword, use: "leave it out") }
    let sequence = lowerExpression(statement.sequence)
    return withBlock(statement) {
      let pattern =
        statement.caseKeyword != nil
        ? lowerPattern(statement.pattern) : lowerBindingPattern(statement.pattern, isMutable: false)
      let condition = (statement.whereClause?.condition).map { lowerExpression($0) }
      return ForLoop(
        pattern, in: sequence, where: condition, loopBody(statement.body, label), label: label,
        span(statement))
    }
  }

  func lowerConditions(_ list: ConditionElementListSyntax) -> [Condition] {
    list.compactMap { element in
      switch element.condition {
      case .expression(let expression): return .expression(lowerExpression(expression))
      case .optionalBinding(let binding):
        let isMutable = binding.bindingSpecifier.tokenKind == .keyword(.var)
        let value: Expression
        if let initializer = binding.initializer {
          value = lowerExpression(initializer.value)
        } else if let name = binding.pattern.as(IdentifierPatternSyntax.self) {
          value = lowerName(name.identifier.name, span(name))
        } else {
          report("missing-value", "`if let` needs a name or a value", at: span(binding))
          return nil
        }
        return .binding(lowerConditionPattern(binding.pattern, isMutable: isMutable), value)
      case .matchingPattern(let matching):
        let value = lowerExpression(matching.initializer.value)
        return .matching(lowerPattern(matching.pattern), value)
      case .availability(let availability):
        refuse("`#available`", at: availability, use: "leave it out")
        return nil
      }
    }
  }

  /// At the top level, what `guard let` and `if let` bind are locals of the cell, except `guard`'s, which are globals in Swift too.
  private func lowerConditionPattern(_ pattern: PatternSyntax, isMutable: Bool) -> Pattern {
    if isTopLevel {
      for (name, span) in names(in: pattern) where pending[name] == nil {
        pending[name] = (isMutable, nil)
        program.newGlobalNames.append((name, isMutable))
        _ = span
      }
    }
    return lowerBindingPattern(pattern, isMutable: isMutable)
  }

  func lowerIf(_ expression: IfExprSyntax) -> Statement {
    deeper(expression, else: BlockStatement(Block([], span(expression)))) {
      // The variables of the conditions belong to the first branch only.
      let (conditions, body) = withBlock(expression) {
        (lowerConditions(expression.conditions), lowerBlock(expression.body))
      }
      var otherwise: Statement?
      switch expression.elseBody {
      case .ifExpr(let next)?: otherwise = lowerIf(next)
      case .codeBlock(let block)?: otherwise = BlockStatement(lowerBlock(block))
      case nil: break
      }
      return IfStatement(conditions, body, otherwise: otherwise, span(expression))
    }
  }

  func lowerSwitch(_ expression: SwitchExprSyntax, label: String? = nil, isExpression: Bool = false)
    -> Statement
  {
    let subject = lowerExpression(expression.subject)
    scope.breakableDepth += 1
    if let label { scope.labels.append(label) }
    defer {
      scope.breakableDepth -= 1
      if label != nil { scope.labels.removeLast() }
    }
    var cases: [SwitchStatement.Case] = []
    for element in expression.cases {
      guard case .switchCase(let entry) = element else {
        refuse("`#if`", at: element, use: "leave it out")
        continue
      }
      withBlock(entry) {
        var items: [(pattern: Pattern, condition: Expression?)] = []
        if case .case(let label) = entry.label {
          for item in label.caseItems {
            let pattern = lowerPattern(item.pattern)
            items.append((pattern, item.whereClause.map { lowerExpression($0.condition) }))
          }
        }
        var list = Array(entry.statements)
        var fallsThrough = false
        if let last = list.last, case .stmt(let statement) = last.item,
          statement.is(FallThroughStmtSyntax.self)
        {
          fallsThrough = true
          list.removeLast()
        }
        let statements: [Statement]
        if isExpression, list.count == 1, let value = resultExpression(list[0]) {
          statements = [ReturnStatement(value, value.span)]
        } else {
          // Not as a new list of syntax, in which they would have other places.
          statements = withBlock(entry) { lowerStatements(list) }
        }
        if statements.isEmpty, !fallsThrough {
          report(
            "empty-case", "a case needs at least one statement", at: span(entry.label),
            hints: ["write `break`"])
        }
        cases.append(
          SwitchStatement.Case(items: items, body: Block(statements, span(entry)), fallsThrough: fallsThrough)
        )
      }
    }
    return SwitchStatement(subject, cases, label: label, span(expression))
  }

  private func lowerDo(_ statement: DoStmtSyntax) -> Statement {
    let body = lowerBlock(statement.body)
    if statement.catchClauses.isEmpty { return BlockStatement(body) }
    var clauses: [DoCatch.Clause] = []
    for clause in statement.catchClauses {
      withBlock(clause) {
        let items = Array(clause.catchItems)
        if items.count > 1 {
          refuse("several patterns in one `catch`", at: clause.catchItems, use: "write one `catch` for each")
        }
        let error = scope.target(for: scope.declare("error", isMutable: false))
        let pattern = (items.first?.pattern).map { lowerPattern($0) }
        let condition = (items.first?.whereClause).map { lowerExpression($0.condition) }
        clauses.append(
          DoCatch.Clause(
            pattern: pattern, guardExpression: condition, body: lowerBlock(clause.body), errorTarget: error))
      }
    }
    return DoCatch(body, clauses, span(statement))
  }
}
