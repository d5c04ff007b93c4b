import Diagnostics
import Synchronization

/// A piece of a lowered program. Immutable once its cell has been lowered.
package class Node {
  package let span: Span

  init(_ span: Span) { self.span = span }

  /// What it is made of, in source order, for walks such as the static check. Bodies of functions are reached through
  /// their ``FunctionCode``, which is a node too.
  package var children: [Node] { [] }
}

package class Expression: Node {
  func evaluate(_ frame: Frame) throws -> Value { .void }

  /// The expression as something that can be written to; nil when it cannot.
  var place: Place? { nil }
}

extension Frame {
  /// Runs a statement, under the debugger's eyes where somebody debugs.
  @inline(__always)
  func run(_ statement: Statement) throws -> Flow {
    if evaluation.isWatched.load(ordering: .relaxed) { return try evaluation.debugger.run(statement, self) }
    return try statement.execute(self)
  }

  /// The same for a body that is one expression.
  @inline(__always)
  func run(_ expression: Expression) throws -> Value {
    if evaluation.isWatched.load(ordering: .relaxed) {
      return try evaluation.debugger.evaluate(expression, self)
    }
    return try expression.evaluate(self)
  }
}

package class Statement: Node {
  func execute(_ frame: Frame) throws -> Flow { .normal }

  /// Whether a program can stand at it; not at declarations of functions, nor at what only holds statements together.
  var isStop: Bool { true }
}

/// Statements between braces.
package final class Block: Node {
  package let statements: [Statement]

  init(_ statements: [Statement], _ span: Span) {
    self.statements = statements
    super.init(span)
  }

  package override var children: [Node] { statements }

  @inline(__always)
  func execute(_ frame: Frame) throws -> Flow {
    for statement in statements {
      let flow = try frame.run(statement)
      if flow != .normal { return flow }
    }
    return .normal
  }
}

/// A parameter of a function or closure the user wrote.
package final class ParameterCode {
  /// nil for `_`, and for parameters of closures.
  package let label: String?
  package let name: String
  package let target: VariableTarget
  package internal(set) var defaultValue: Expression?
  package let annotation: TypeReference?
  package let isVariadic: Bool
  package let span: Span

  init(
    label: String?, name: String, target: VariableTarget, defaultValue: Expression?,
    annotation: TypeReference?, isVariadic: Bool, span: Span
  ) {
    self.label = label
    self.name = name
    self.target = target
    self.defaultValue = defaultValue
    self.annotation = annotation
    self.isVariadic = isVariadic
    self.span = span
  }
}

/// A function, method, initializer, accessor, closure or a whole cell, ready to run.
package final class FunctionCode: Node {
  package let name: String
  package let source: SourceText
  package internal(set) var parameters: [ParameterCode] = []
  package internal(set) var body: Block
  package internal(set) var documentation = ""
  package internal(set) var resultAnnotation: TypeReference?
  package internal(set) var isMutating = false
  package internal(set) var isClosure = false
  /// How many of `$0`, `$1`, … a closure without written parameters uses.
  package internal(set) var implicitParameters = 0
  /// The body is one expression, whose value is returned.
  var single: Expression?
  var slotCount = 0
  var boxCount = 0
  /// Where each captured variable is found when the function value is made.
  var captures: [CaptureSource] = []
  /// `self` of a method; nil for functions.
  var selfTarget: VariableTarget?
  /// No labels, defaults, annotations or variadics: arguments are put into their slots as they are.
  var isPlain = false
  var requiredCount = 0
  /// Its variables, for who looks at a paused program.
  var locals: [LocalDeclaration] = []
  /// Where a program pauses in it; the evaluator's thread only.
  var breakpoints = PlacedBreakpoints()

  init(name: String, source: SourceText, span: Span) {
    self.name = name
    self.source = source
    body = Block([], span)
    super.init(span)
  }

  package override var children: [Node] {
    parameters.compactMap(\.defaultValue) + (single.map { [$0] } ?? body.children)
  }

  package var parameterCount: Int { parameters.isEmpty ? implicitParameters : parameters.count }

  /// `forward(_ x: Tensor, scale: Double = 1.0)`, as help shows it.
  package var signature: String {
    let texts = parameters.map { parameter in
      let label =
        parameter.label == nil && !isClosure
        ? "_ \(parameter.name)"
        : parameter.label == parameter.name || parameter.label == nil
          ? parameter.name : "\(parameter.label ?? "_") \(parameter.name)"
      let type = parameter.annotation.map { ": \($0)" } ?? ""
      return label + type + (parameter.isVariadic ? "..." : "")
        + (parameter.defaultValue.map { " = \(source[$0.span])" } ?? "")
    }
    return "\(name)(\(texts.joined(separator: ", ")))" + (resultAnnotation.map { " -> \($0)" } ?? "")
  }
}

/// Where a closure finds a captured variable in the frame it is made in.
enum CaptureSource {
  case box(Int)
  case capture(Int)
}

/// A cell, lowered: what the static check looks at and the evaluator runs.
package final class Program {
  package enum Declaration {
    case function(FunctionCode)
    case structure(StructDefinition)
    case variable(isMutable: Bool, initial: Expression?, annotation: TypeReference?)
  }

  package let source: SourceText
  /// The cell's statements, as the body of a function without parameters.
  package let code: FunctionCode
  /// What the cell declares at its top level.
  package internal(set) var declarations: [String: Declaration] = [:]
  /// The structs the cell declares, at any level.
  package internal(set) var structures: [StructDefinition] = []
  /// A final `;` hides the value of the last statement.
  package internal(set) var hidesResult = false
  /// Methods of its structs that are `mutating`.
  var mutatingNames: Set<String> = []
  var newGlobals: [String: Variable] = [:]
  var newGlobalNames: [(name: String, isMutable: Bool)] = []

  init(source: SourceText, code: FunctionCode) {
    self.source = source
    self.code = code
  }
}
