import Diagnostics
import Display

/// A sequence that makes its elements when they are asked for: endless ones, and what `zip`, `enumerated` and `prefix` make of those.
///
/// Looping over it twice starts afresh each time if what it was made from does.
public final class SequenceObject: HostObject {
  public let typeName: String
  private let make: () throws -> any ValueIterator

  public init(typeName: String = "Sequence", _ make: @escaping () throws -> any ValueIterator) {
    self.typeName = typeName
    self.make = make
  }

  public func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? { try make() }
}

/// `AnyIterator { … }`: calls its closure for each element until that gives nil. A reference, and used up once it has run.
final class IteratorObject: HostObject, ValueIterator {
  private let body: () throws -> Value?

  init(_ body: @escaping () throws -> Value?) { self.body = body }

  var typeName: String { "AnyIterator" }
  func next() throws -> Value? { try body() }
  func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? { self }
}

extension Evaluation {
  /// All elements of a finite sequence; an error when there are too many for an array.
  public func elements(of value: Value) throws -> [Value] {
    if case .array(let values) = value { return values }
    if case .range(let range) = value {
      guard range.upper != nil else { throw Self.endless(value) }
      if let integers = range.integers { try SizeLimit.check(integers.count) }
    }
    var result: [Value] = []
    try forEachElement(of: value) {
      result.append($0)
      try SizeLimit.check(result.count)
    }
    return result
  }

  /// Runs `body` on each element, looking for an interrupt now and then.
  func forEachElement(of value: Value, _ body: (Value) throws -> Void) throws {
    let iterator = try iterator(over: value)
    var count = 0
    while let element = try iterator.next() {
      count &+= 1
      if count & 0xFF == 0 { try checkInterruption() }
      try body(element)
    }
  }

  /// Whether the elements must be made one by one, since there may be no end of them.
  func isLazy(_ value: Value) -> Bool {
    switch value {
    case .object, .instance: true
    case .range(let range): range.upper == nil
    default: false
    }
  }

  static func endless(_ value: Value) -> Diagnostic {
    Diagnostic(
      id: "endless-sequence", message: "\(value.debugText) has no end",
      hints: ["take a part of it: `.prefix(10)`"])
  }
}

/// A pair as `enumerated()` gives it, `(offset: 0, element: x)`.
func enumeratedPair(_ offset: Int, _ element: Value) -> Value {
  .tuple(TupleValue([.int(offset), element], labels: ["offset", "element"]))
}
