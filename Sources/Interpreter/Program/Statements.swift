import Diagnostics

package final class ExpressionStatement: Statement {
  package let expression: Expression

  init(_ expression: Expression) {
    self.expression = expression
    super.init(expression.span)
  }

  package override var children: [Node] { [expression] }

  override func execute(_ frame: Frame) throws -> Flow {
    _ = try expression.evaluate(frame)
    return .normal
  }
}

/// `let pattern: Type = value`
package final class VariableDeclaration: Statement {
  package let pattern: Pattern
  package let initial: Expression?
  package let annotation: TypeReference?
  package let isMutable: Bool

  init(
    _ pattern: Pattern, _ initial: Expression?, annotation: TypeReference?, isMutable: Bool, _ span: Span
  ) {
    self.pattern = pattern
    self.initial = initial
    self.annotation = annotation
    self.isMutable = isMutable
    super.init(span)
  }

  package override var children: [Node] { [initial, pattern].compactMap { $0 } }

  override func execute(_ frame: Frame) throws -> Flow {
    guard let initial else {
      // `var x: Int?` starts as nil; any other is set later.
      if let binding = pattern as? BindingPattern {
        if case .optional? = annotation {
          binding.target.initialize(frame, .null)
        } else {
          binding.target.prepare(frame)
        }
      }
      return .normal
    }
    var value = try initial.evaluate(frame)
    if let annotation {
      value = try frame.located(initial.span) { try value.annotated(annotation, name: nil) }
    }
    if let binding = pattern as? BindingPattern {
      binding.target.initialize(frame, value)
    } else if try !pattern.matches(value, frame) {
      throw frame.problem(
        "type-mismatch",
        "\(value.typeDescription) does not fit the pattern `\(frame.code.source[pattern.span])`",
        at: pattern.span)
    }
    return .normal
  }
}

package final class ReturnStatement: Statement {
  package let value: Expression?

  init(_ value: Expression?, _ span: Span) {
    self.value = value
    super.init(span)
  }

  package override var children: [Node] { [value].compactMap { $0 } }

  override func execute(_ frame: Frame) throws -> Flow {
    if let value { frame.result = try value.evaluate(frame) }
    frame.returned = span
    return .returning
  }
}

/// `break` or `continue`, perhaps out of a labelled loop.
package final class JumpStatement: Statement {
  let flow: Flow
  package let label: String?

  init(_ flow: Flow, label: String?, _ span: Span) {
    self.flow = flow
    self.label = label
    super.init(span)
  }

  override func execute(_ frame: Frame) throws -> Flow {
    frame.label = label
    return flow
  }
}

package final class ThrowStatement: Statement {
  package let value: Expression

  init(_ value: Expression, _ span: Span) {
    self.value = value
    super.init(span)
  }

  package override var children: [Node] { [value] }

  override func execute(_ frame: Frame) throws -> Flow {
    let value = try value.evaluate(frame)
    // A caught error thrown on stays what it was.
    if case .object(let object) = value, let caught = object as? CaughtError { throw caught.diagnostic }
    throw ThrownValue(value, at: span, in: frame.code.source)
  }
}

/// `do { … } catch { … }`
package final class DoCatch: Statement {
  package struct Clause {
    package let pattern: Pattern?
    package let guardExpression: Expression?
    package let body: Block
    let errorTarget: VariableTarget?
  }

  package let body: Block
  package let clauses: [Clause]

  init(_ body: Block, _ clauses: [Clause], _ span: Span) {
    self.body = body
    self.clauses = clauses
    super.init(span)
  }

  package override var children: [Node] {
    [body] + clauses.flatMap { [$0.pattern, $0.guardExpression, $0.body].compactMap { $0 as Node? } }
  }

  override func execute(_ frame: Frame) throws -> Flow {
    do {
      return try frame.evaluation.handlingErrors(frame) { try body.execute(frame) }
    } catch let error {
      guard !clauses.isEmpty, !frame.evaluation.isUncatchable(error), !(error is NilInChain) else {
        throw error
      }
      let value = frame.evaluation.caughtValue(error)
      for clause in clauses {
        clause.errorTarget?.initialize(frame, value)
        if let pattern = clause.pattern, try !pattern.matches(value, frame) { continue }
        if let condition = clause.guardExpression, try !frame.truth(of: condition) { continue }
        return try clause.body.execute(frame)
      }
      throw error
    }
  }
}

/// Statements with `defer`: what was deferred runs when they end, last first.
package final class DeferringBlock: Statement {
  package let statements: [Statement]

  init(_ statements: [Statement], _ span: Span) {
    self.statements = statements
    super.init(span)
  }

  package override var children: [Node] { statements }
  override var isStop: Bool { false }

  override func execute(_ frame: Frame) throws -> Flow {
    var deferred: [Block] = []
    var flow = Flow.normal
    do {
      for statement in statements {
        if let statement = statement as? DeferStatement {
          _ = try frame.run(statement)
          deferred.append(statement.body)
          continue
        }
        flow = try frame.run(statement)
        if flow != .normal { break }
      }
    } catch let error {
      let debugger = frame.evaluation.debugger
      let isUnwinding = debugger.isUnwinding
      defer { debugger.isUnwinding = isUnwinding }
      for block in deferred.reversed() { _ = try block.execute(frame) }
      throw error
    }
    let result = frame.result
    for block in deferred.reversed() { _ = try block.execute(frame) }
    frame.result = result
    return flow
  }
}

package final class DeferStatement: Statement {
  package let body: Block

  init(_ body: Block, _ span: Span) {
    self.body = body
    super.init(span)
  }

  package override var children: [Node] { [body] }
}

/// `do { … }`, or braces that hold statements together.
package final class BlockStatement: Statement {
  package let body: Block

  init(_ body: Block) {
    self.body = body
    super.init(body.span)
  }

  package override var children: [Node] { [body] }

  override func execute(_ frame: Frame) throws -> Flow { try body.execute(frame) }
}

/// `name?`
package final class HelpStatement: Statement {
  package let subject: Expression
  let help: Expression

  init(subject: Expression, help: Expression, _ span: Span) {
    self.subject = subject
    self.help = help
    super.init(span)
  }

  package override var children: [Node] { [subject] }

  override func execute(_ frame: Frame) throws -> Flow {
    _ = try help.evaluate(frame)
    return .normal
  }
}
