import Diagnostics
import Display
import SwiftParser
import SwiftSyntax

/// Runs cells one after the other; their variables stay.
///
/// Not thread-safe: make it and use it on one thread, which needs a large stack (``LargeStackThread``). Only
/// ``snapshots`` may be read elsewhere.
public final class Evaluator {
  public let registry: Registry
  public let evaluation: Evaluation
  /// Problems found in a lowered cell before it runs. Set once, before the first cell.
  package var check: (Program, CheckContext) -> [Diagnostic] = StaticCheck.problems
  private var mutatingNames: Set<String> = []
  private var annotations: [String: TypeReference] = [:]
  private let discard = DiscardingSink()

  /// Source larger than this is refused.
  public static let sizeLimit = 2 << 20

  /// - Parameters:
  ///   - isInterrupted: asked at calls and loop back-edges; true ends the run with ``Diagnostic/interrupted``.
  ///   - debugging: told whenever it changes whether every statement must be run as it is written, for who debugs.
  public init(
    registry: Registry, isInterrupted: @escaping @Sendable () -> Bool = { false },
    debugging: @escaping @Sendable (Bool) -> Void = { _ in }
  ) {
    self.registry = registry
    let debugger = Debugger(notice: debugging)
    evaluation = Evaluation(
      registry: registry, output: discard, debugger: debugger, isInterrupted: isInterrupted)
    debugger.makePause = { [unowned self] in Pause($0, self) }
  }

  /// Where running code is stopped and looked at.
  public var debugger: Debugger { evaluation.debugger }

  /// Calls `hold` whenever a program pauses; it may look at the program, and returns how it goes on.
  public func whenPaused(_ hold: @escaping (Pause) -> Debugger.Resumption) { debugger.hold = hold }

  public var snapshots: SnapshotStore { evaluation.snapshots }

  /// Calls `pass` at the safe points of running cells, where other cells may be run in between.
  public func atSafePoints(_ pass: @escaping () -> Void) { evaluation.passSafePoint = pass }

  // MARK: variables

  public var variableNames: [String] { evaluation.globals.names }

  /// The value of a variable; nil when there is none of this name.
  public func value(of name: String) -> Value? { evaluation.globals[name]?.currentValue }

  /// Sets a variable from outside, as a cell's `var` would.
  public func define(_ name: String, _ value: Value) {
    if let known = evaluation.globals[name] {
      known.assign(value)
    } else {
      evaluation.globals.insert(Variable(name: name, value: value, state: .defined))
    }
    evaluation.publishSnapshot()
  }

  /// Forgets every variable, function and struct.
  public func removeVariables() {
    evaluation.globals.removeAll()
    mutatingNames = []
    annotations = [:]
    evaluation.publishSnapshot()
  }

  // MARK: cells

  /// What the check before running finds; nothing runs and nothing changes.
  public func check(_ source: SourceText) -> [Diagnostic] { prepare(source).diagnostics }

  /// Runs a cell: parses, lowers and checks it, and runs it when there is no problem.
  public func run(_ source: SourceText, output: any OutputSink) -> Outcome {
    let prepared = prepare(source)
    guard let program = prepared.program, !prepared.diagnostics.contains(where: { $0.severity == .error })
    else {
      return Outcome(value: nil, diagnostics: prepared.diagnostics, notes: [])
    }
    return run(program, output: output, warnings: prepared.diagnostics)
  }

  /// Hands news of a comm to whom they concern.
  /// - Returns: Whether anybody was concerned, and what it came to.
  public func receive(_ event: CommEvent, output: any OutputSink) -> (isWanted: Bool, outcome: Outcome) {
    var isWanted = true
    let outcome = perform(output: output, warnings: []) {
      isWanted = try evaluation.comms.receive(event, evaluation)
      return nil
    }
    return (isWanted, outcome)
  }

  /// Parses and lowers; the program is nil when the source is not to be run.
  ///
  /// - Parameter see: shows the lowerer what a text may see besides the session's names.
  func prepare(_ source: SourceText, see: (Lowerer) -> Void = { _ in }) -> (
    program: Program?, diagnostics: [Diagnostic]
  ) {
    guard source.utf8Count <= Self.sizeLimit else {
      return (
        nil,
        [
          Diagnostic(
            id: "source-too-large",
            message: "the source has \(source.utf8Count) bytes; the most is \(Self.sizeLimit)",
            span: Span(at: 0), source: source, hints: ["read large data from a file"])
        ]
      )
    }
    var text = source.text
    let tooDeep = { (offset: Int, limit: Int) in
      Diagnostic(
        id: "nested-too-deep", message: "the code is nested more than \(limit) deep",
        span: Span(at: offset), source: source, hints: ["give parts of it names with `let`"])
    }
    if let (offset, limit) = text.withUTF8({ SyntaxDepth.tooManyBrackets($0) }) {
      return (nil, [tooDeep(offset, limit)])
    }
    let file = text.withUTF8 { Parser.parse(source: $0, maximumNestingLevel: Lowerer.depthLimit) }
    if source.utf8Count > Lowerer.depthLimit, let deep = SyntaxDepth.tooDeep(file) {
      return (nil, [tooDeep(deep.position.utf8Offset, Lowerer.depthLimit)])
    }
    if file.hasError { return (nil, SyntaxProblems(source: source).diagnostics(of: file)) }
    let lowerer = Lowerer(
      source: source, registry: registry, globals: evaluation.globals, mutatingNames: mutatingNames,
      annotations: annotations)
    see(lowerer)
    let program = lowerer.lower(file)
    let context = CheckContext(registry: registry, globals: evaluation.globals, source: source)
    let problems = (lowerer.diagnostics + check(program, context)).sorted {
      ($0.span?.start ?? 0) < ($1.span?.start ?? 0)
    }
    return (program, problems)
  }

  private func run(_ program: Program, output: any OutputSink, warnings: [Diagnostic]) -> Outcome {
    commit(program)
    return perform(output: output, warnings: warnings) {
      let result = try runStatements(program)
      return program.hidesResult ? nil : result
    }
  }

  /// Runs `body` as a cell.
  func perform(
    output: any OutputSink, warnings: [Diagnostic], _ body: () throws -> Value?
  ) -> Outcome {
    // Another cell may be under way, at one of its safe points.
    let outer = (
      output: evaluation.output, notes: evaluation.notes, frame: evaluation.currentFrame,
      handlers: evaluation.handlers, kept: evaluation.outer.kept, debugging: debugger.begin()
    )
    evaluation.outer.kept = 0
    evaluation.output = output
    evaluation.notes = []
    evaluation.currentFrame = nil
    evaluation.handlers = 0
    if evaluation.depth == 0 { evaluation.stack.measure() }
    defer {
      evaluation.currentFrame = outer.frame
      evaluation.handlers = outer.handlers
      evaluation.outer.kept = outer.kept
      debugger.end(outer.debugging)
      evaluation.output = outer.output
      evaluation.notes = outer.notes
    }
    var result: Value?
    var failure: Diagnostic?
    do {
      result = try body()
    } catch let error {
      failure = evaluation.diagnostic(for: error)
    }
    evaluation.publishSnapshot()
    if case .void? = result { result = nil }
    return Outcome(
      value: result, diagnostics: failure.map { [$0] } ?? [], notes: warnings + evaluation.notes)
  }

  /// Makes the cell's names the session's.
  func commit(_ program: Program) {
    for (name, isMutable) in program.newGlobalNames {
      let variable = program.newGlobals[name] ?? evaluation.globals[name] ?? Variable(name: name)
      variable.isMutable = isMutable
      evaluation.globals.insert(variable)
      if case .variable(_, _, let annotation)? = program.declarations[name] {
        annotations[name] = annotation
      } else {
        annotations[name] = nil
      }
    }
    mutatingNames.formUnion(program.mutatingNames)
  }

  /// - Parameter prepare: puts values into the frame before the first statement.
  func runStatements(_ program: Program, prepare: (Frame) -> Void = { _ in }) throws -> Value? {
    let frame = Frame(program.code, captures: [], evaluation)
    prepare(frame)
    let caller = evaluation.currentFrame
    frame.caller = caller
    evaluation.currentFrame = Unmanaged.passUnretained(frame)
    defer { evaluation.currentFrame = caller }
    let statements = program.code.body.statements
    // Functions and structs of a cell can be used above their declaration.
    for statement in statements {
      if let function = statement as? FunctionDeclaration {
        _ = try function.execute(frame)
      } else if let structure = statement as? StructDeclaration {
        structure.target.initialize(frame, .type(.definition(structure.definition)))
      }
    }
    var result: Value?
    for (index, statement) in statements.enumerated() {
      if statement is FunctionDeclaration { continue }
      if evaluation.isInterrupted() {
        throw Diagnostic.interrupted.located(at: statement.span, in: program.source)
      }
      // Known also where somebody begins to debug while the statement runs.
      frame.position = statement
      if index == statements.count - 1, let last = statement as? ExpressionStatement {
        result = try frame.run(last.expression)
      } else {
        _ = try frame.run(statement)
        evaluation.publishSnapshot()
        evaluation.safePoint()
      }
    }
    return result
  }
}

/// What a cell came to.
public struct Outcome {
  /// The value of the last statement; nil when there is none, when a final `;` hides it, or when the cell failed.
  public let value: Value?
  /// Why the cell did not run, or the one problem that ended it; empty when it succeeded.
  public let diagnostics: [Diagnostic]
  /// Notes and warnings, in the order they came up.
  public let notes: [Diagnostic]

  public var succeeded: Bool { diagnostics.isEmpty }
  public var wasInterrupted: Bool { diagnostics.contains(where: \.isInterrupt) }
}

/// What the static check may look at besides the program itself.
package struct CheckContext {
  package let registry: Registry
  /// Variables of the session, with their current values.
  package let globals: GlobalTable
  package let source: SourceText
}

/// Where output goes when no cell runs.
private final class DiscardingSink: OutputSink {
  func write(_ text: String, to channel: OutputChannel) {}
  func display(_ bundle: MIMEBundle, id: String?, update: Bool) {}
  func clearOutput(wait: Bool) {}
  func readLine(prompt: String, isPassword: Bool) throws -> String? { throw InputError.unavailable }
  var isInteractive: Bool { false }
}
