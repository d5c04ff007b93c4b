import Diagnostics
import Display

/// A program that stands still before a statement. Of use until the function it was given to returns; the evaluator's
/// thread only.
public final class Pause {
  public enum Reason {
    case breakpoint
    case step
    case pause
    /// What was thrown, where it arose.
    case error(Diagnostic)
  }

  public let reason: Reason
  /// The calls under way, innermost first; the cell itself is the last.
  public let frames: [PausedFrame]
  private weak var evaluator: Evaluator?

  init(_ reason: Reason, _ evaluator: Evaluator) {
    self.reason = reason
    self.evaluator = evaluator
    var frames: [PausedFrame] = []
    var next = evaluator.evaluation.currentFrame
    while let frame = next?.takeUnretainedValue() {
      frames.append(PausedFrame(frame))
      next = frame.caller
    }
    if case .error(let diagnostic) = reason, let span = diagnostic.span, let top = frames.first,
      diagnostic.source == top.source
    {
      frames[0].span = span
    }
    self.frames = frames
  }

  /// Runs a text where a frame stands: it sees and may change the frame's variables. What it puts out goes where the
  /// paused program's output goes.
  public func evaluate(_ text: String, in frame: PausedFrame) -> Outcome {
    guard let evaluator, let live = frame.frame else {
      return Outcome(
        value: nil, diagnostics: [Diagnostic(id: "not-paused", message: "the program has gone on")], notes: []
      )
    }
    return evaluator.evaluate(SourceText(name: "expression", text: text), at: frame, live)
  }

  /// nil when it has no truth value.
  func truth(of condition: String, in frame: PausedFrame) -> Bool? {
    guard let evaluator, let value = evaluate(condition, in: frame).value else { return nil }
    return try? evaluator.evaluation.truth(value)
  }

  func end() {
    for frame in frames { frame.frame = nil }
  }
}

/// A call under way in a paused program.
public final class PausedFrame {
  /// The function's name; the source's for a cell.
  public let name: String
  public let source: SourceText
  /// The statement it stands at.
  public fileprivate(set) var span: Span
  private let offset: Int
  fileprivate(set) var frame: Frame?

  init(_ frame: Frame) {
    self.frame = frame
    name = frame.code.name
    source = frame.code.source
    span = frame.position?.span ?? Span(at: frame.code.span.start)
    offset = span.start
  }

  public struct Variable {
    public let name: String
    public let value: Value
    let place: Place
    let isMutable: Bool

    enum Place {
      case slot(Int)
      /// Closures have it too.
      case shared(Interpreter.Variable)
    }
  }

  /// The function's variables that are visible at the statement and have a value, `self` first; what it captures is
  /// behind its own.
  public var variables: [Variable] {
    guard let frame else { return [] }
    var names: Set<String> = []
    var found: [Variable] = []
    // The last declared hides those of the same name.
    for local in frame.code.locals.reversed() where local.isVisible(at: offset) {
      guard let value = local.value(in: frame), names.insert(local.name).inserted else { continue }
      let box = local.box >= 0 ? frame.boxes[local.box] : nil
      found.append(
        Variable(
          name: local.name, value: value, place: box.map(Variable.Place.shared) ?? .slot(local.slot),
          isMutable: local.isMutable))
    }
    let captured = frame.captures.compactMap { variable -> Variable? in
      guard !variable.name.isEmpty, let value = variable.currentValue, names.insert(variable.name).inserted
      else { return nil }
      return Variable(
        name: variable.name, value: value, place: .shared(variable), isMutable: variable.isMutable)
    }
    return found.reversed() + captured
  }
}

extension LocalDeclaration {
  func isVisible(at offset: Int) -> Bool { start <= offset && offset <= end }

  func value(in frame: Frame) -> Value? {
    let value = box >= 0 ? frame.boxes[box]?.currentValue : frame.slots[slot]
    if case .void? = value { return nil }
    return value
  }
}
