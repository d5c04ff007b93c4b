import Display

/// Which operand of a binary operator an object is.
public enum OperandSide: Sendable { case left, right }

/// The operators that reach host objects.
public enum BinaryOperator: String, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case bitAnd = "&"
  case bitOr = "|"
  case bitXor = "^"
  case shiftLeft = "<<"
  case shiftRight = ">>"
}

public enum UnaryOperator: String, Sendable {
  case minus = "-"
  case plus = "+"
  case not = "!"
}

/// A foreign object inside the language: a Swift class conforms and is then a ``Value/object(_:)``.
///
/// Properties, methods and the constructor belong in the ``Registry``, under the type named ``typeName``; the requirements
/// here are what has no name. All have defaults. Called on the evaluator's thread only.
/// Anything thrown that is no `Diagnostic` becomes one at the place of the call (see ``RegistryBuilder/describeErrors(_:)``).
public protocol HostObject: AnyObject, Displayable {
  /// The registry type whose members this object has.
  var typeName: String { get }
  /// One short line for lists of variables, completion and snapshots: `Tensor [25, 1] float32`.
  var summary: String { get }

  /// What a debugger shows of the object; it may look at all its numbers.
  var inspection: Inspection { get }

  /// The result of an operator with this object on one side; nil when it does not apply. The left operand is asked first.
  func binary(_ operation: BinaryOperator, _ other: Value, on side: OperandSide, _ evaluation: Evaluation)
    throws
    -> Value?
  func unary(_ operation: UnaryOperator, _ evaluation: Evaluation) throws -> Value?
  /// The object called like a function; nil when it cannot be. To bind labels and defaults, register the type's
  /// `callAsFunction` method instead: it is preferred.
  func call(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value?
  /// A member the registry does not know (`task.amplitude`); nil when there is none. The registry is asked first.
  func member(_ name: String, _ evaluation: Evaluation) throws -> Value?
  /// False when there is no such member to set.
  func setMember(_ name: String, to value: Value, _ evaluation: Evaluation) throws -> Bool
  /// Every name `member` answers to: completion offers them, and the check before a cell runs refuses others.
  var dynamicMemberNames: [String] { get }
  /// `object[arguments]`; nil when the object has no subscript. Ranges, also `...`, arrive as ``Value/range(_:)``.
  func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value?
  /// False when elements cannot be set.
  func setSubscript(_ arguments: CallArguments, to value: Value, _ evaluation: Evaluation) throws -> Bool
  /// String keys the subscript takes, for completion inside `params["…"]`.
  var subscriptKeys: [String] { get }
  /// String keys of the dictionaries that members hold, by member, for completion inside `a.params["…"]`; cheap to tell.
  var memberKeys: [String: [String]] { get }
  /// For `for x in object`; nil when it cannot be looped over.
  func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)?
  /// The object as a condition; nil when it is none.
  func truth(_ evaluation: Evaluation) throws -> Bool?
  /// The object as a number, wherever a `Double` is asked for; nil when it is none.
  func number(_ evaluation: Evaluation) throws -> Double?
  /// Told to what a builtin gives, at each call of it: where that call stands. What wants to know where it was made keeps
  /// the first.
  func wasGiven(at site: CallSite, _ evaluation: Evaluation)
  /// The user's struct instance behind this object, when a ``StructHook`` made it: its properties and methods come first.
  var structInstance: StructInstance? { get }
}

extension HostObject {
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: typeName) }
  public var summary: String { typeName }
  public func binary(
    _ operation: BinaryOperator, _ other: Value, on side: OperandSide, _ evaluation: Evaluation
  ) throws -> Value? { nil }
  public func unary(_ operation: UnaryOperator, _ evaluation: Evaluation) throws -> Value? { nil }
  public func call(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? { nil }
  public func member(_ name: String, _ evaluation: Evaluation) throws -> Value? { nil }
  public func setMember(_ name: String, to value: Value, _ evaluation: Evaluation) throws -> Bool { false }
  public var dynamicMemberNames: [String] { [] }
  public func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? { nil }
  public func setSubscript(_ arguments: CallArguments, to value: Value, _ evaluation: Evaluation) throws
    -> Bool
  {
    false
  }
  public var subscriptKeys: [String] { [] }
  public var memberKeys: [String: [String]] { [:] }
  public func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? { nil }
  public func truth(_ evaluation: Evaluation) throws -> Bool? { nil }
  public func number(_ evaluation: Evaluation) throws -> Double? { nil }
  public func wasGiven(at site: CallSite, _ evaluation: Evaluation) {}
  public var structInstance: StructInstance? { nil }
}

/// Steps through something, one value at a time.
public protocol ValueIterator: AnyObject {
  /// nil at the end.
  func next() throws -> Value?
}

/// A ``ValueIterator`` over any Swift sequence of values.
public final class SequenceIterator<Base: IteratorProtocol>: ValueIterator where Base.Element == Value {
  private var base: Base

  public init<Elements: Sequence>(_ sequence: Elements) where Elements.Iterator == Base {
    base = sequence.makeIterator()
  }
  public func next() throws -> Value? { base.next() }
}

/// A ``ValueIterator`` from a closure.
public final class ClosureIterator: ValueIterator {
  private let body: () throws -> Value?

  public init(_ body: @escaping () throws -> Value?) { self.body = body }
  public func next() throws -> Value? { try body() }
}
