import ArrayCore
import Autograd
import Display
import Interpreter

extension Tensor: HostObject {
  public var typeName: String { "Tensor" }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: description) }
  public var summary: String { "Tensor \(shape) \(dtype.name)" }

  /// A small tensor whole, a larger one by its range; below it what its numbers are like.
  public var inspection: Inspection { inspection(as: "Tensor") }

  fileprivate func inspection(as type: String) -> Inspection {
    let tasks = taskCount.map { "\($0) tasks of " } ?? ""
    let form = "\(tasks)\(shape) \(dtype.name)"
    guard array.elementCount <= Self.rangeLimit, let numbers = try? array.toDoubles(),
      let first = numbers.first
    else {
      return Inspection("\(type) \(form)")
    }
    if numbers.count == 1 { return Inspection("\(type) \(NumberText.exact(first)), \(form)") }
    let range = Range(of: numbers)
    var parts: [Inspection.Part] = [
      .init("shape", .array(shape.map(Value.int))), .init("dtype", .string(dtype.name)),
      .init("min", .double(range.least)), .init("max", .double(range.greatest)),
      .init("mean", .double(range.mean)),
    ]
    if range.others > 0 { parts.append(.init("not finite", .int(range.others))) }
    if numbers.count <= Self.wholeLimit { parts.append(.init("values", .string(description))) }
    if numbers.count <= Self.lineLimit {
      let list = numbers.map { NumberText.compact($0, digits: 4) }.joined(separator: ", ")
      return Inspection("\(type) [\(list)], \(form)", parts)
    }
    let others = range.others > 0 ? ", \(range.others) not finite" : ""
    return Inspection(
      "\(type) \(form), \(NumberText.compact(range.least, digits: 4)) … \(NumberText.compact(range.greatest, digits: 4))\(others)",
      parts)
  }

  /// So many numbers are shown in one line, and so many at all.
  private static var lineLimit: Int { 8 }
  private static var wholeLimit: Int { 100 }
  /// Of more, a list of variables would take too long.
  private static var rangeLimit: Int { 4 << 20 }

  /// What finite numbers lie between, and how many are not finite.
  private struct Range {
    var least = Double.nan
    var greatest = Double.nan
    var mean = Double.nan
    var others = 0

    init(of numbers: [Double]) {
      let finite = numbers.filter { $0.isFinite }
      others = numbers.count - finite.count
      guard let low = finite.min(), let high = finite.max() else { return }
      (least, greatest) = (low, high)
      mean = finite.reduce(0, +) / Double(finite.count)
    }
  }

  public func binary(
    _ operation: BinaryOperator, _ other: Value, on side: OperandSide, _ evaluation: Evaluation
  ) throws -> Value? {
    if let number = other.numericValue {
      return try arithmetic(operation, number, on: side).map(Value.object)
    }
    guard let tensor = try Tensor.converting(other) else { return nil }
    return try (side == .left ? arithmetic(operation, tensor) : tensor.arithmetic(operation, self))
      .map(Value.object)
  }

  public func unary(_ operation: UnaryOperator, _ evaluation: Evaluation) throws -> Value? {
    switch operation {
    case .minus: .object(try -self)
    case .plus: .object(self)
    case .not: .bool(try !truth(evaluation))
    }
  }

  public func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    let items = try TensorIndex.items(arguments.values)
    return .object(try TaskLoop.noticing(evaluation) { try index(items) })
  }

  public func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    guard let count = shape.first else {
      throw TensorError("for … in", .invalid("a tensor of shape [] has no axis to loop over"))
    }
    return SequenceIterator(try (0..<count).map { Value.object(try at($0)) })
  }

  public func truth(_ evaluation: Evaluation) throws -> Bool? {
    guard count == 1 else { return nil }
    return try TaskLoop.noticing(evaluation) { try isTrue() }
  }

  /// A tensor of one element serves as a number.
  public func number(_ evaluation: Evaluation) throws -> Double? {
    guard count == 1 else { return nil }
    return try TaskLoop.noticing(evaluation) { try item() }
  }

  private func truth(_ evaluation: Evaluation) throws -> Bool {
    try TaskLoop.noticing(evaluation) { try isTrue() }
  }

  private func arithmetic(_ operation: BinaryOperator, _ other: Tensor) throws -> Tensor? {
    switch operation {
    case .add: try self + other
    case .subtract: try self - other
    case .multiply: try self * other
    case .divide: try self / other
    case .equal: try equal(other)
    case .notEqual: try notEqual(other)
    case .less: try less(other)
    case .lessOrEqual: try lessEqual(other)
    case .greater: try greater(other)
    case .greaterOrEqual: try greaterEqual(other)
    case .remainder, .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight: nil
    }
  }

  private func arithmetic(_ operation: BinaryOperator, _ number: Double, on side: OperandSide) throws
    -> Tensor?
  {
    let isLeft = side == .left
    return switch operation {
    case .add: try self + number
    case .subtract: try isLeft ? self - number : number - self
    case .multiply: try self * number
    case .divide: try isLeft ? self / number : number / self
    case .equal: try equal(number)
    case .notEqual: try notEqual(number)
    case .less: try isLeft ? less(number) : greater(number)
    case .lessOrEqual: try isLeft ? lessEqual(number) : greaterEqual(number)
    case .greater: try isLeft ? greater(number) : less(number)
    case .greaterOrEqual: try isLeft ? greaterEqual(number) : lessEqual(number)
    case .remainder, .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight: nil
    }
  }
}

extension Autograd.Parameter: HostObject {
  public var typeName: String { "Parameter" }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: "Parameter(\(tensor.description))") }
  public var summary: String { "Parameter \(shape) \(dtype.name)" }
  public var inspection: Inspection { tensor.inspection(as: "Parameter") }

  public func binary(
    _ operation: BinaryOperator, _ other: Value, on side: OperandSide, _ evaluation: Evaluation
  ) throws -> Value? { try value.binary(operation, other, on: side, evaluation) }
  public func unary(_ operation: UnaryOperator, _ evaluation: Evaluation) throws -> Value? {
    try value.unary(operation, evaluation)
  }
  public func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    try value.subscriptValue(arguments, evaluation)
  }
  public func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    try value.makeIterator(evaluation)
  }
  public func truth(_ evaluation: Evaluation) throws -> Bool? { try value.truth(evaluation) }
  public func number(_ evaluation: Evaluation) throws -> Double? { try value.number(evaluation) }
}

extension TensorIndex {
  /// What stands between the brackets of `x[1]`, `x[1..<3]`, `x[..., 0..<3]`, `x[labels]`, `x[x > 0]`.
  ///
  /// One `...` stands for as many axes as are left; of several, each is one whole axis.
  static func items(_ values: [Value]) throws -> [TensorIndex] {
    let wholes = values.count { if case .range(let range) = $0 { range.isWhole } else { false } }
    return try values.map { value in
      switch value {
      case .int(let position): return .index(position)
      case .range(let range) where range.isWhole: return wholes == 1 ? .ellipsis : .all
      case .range(let range): return .range(try lower(range), try upper(range), step: 1)
      case .null: return .newAxis
      default:
        if let tensor = try Tensor.converting(value, dtype: .int64) { return .tensor(tensor) }
        throw TensorError(
          "subscript",
          .invalid("takes Ints, ranges, `...`, a tensor of Ints or a mask, not \(value.typeDescription)")
        )
      }
    }
  }

  private static func lower(_ range: RangeValue) throws -> Int? { try range.lower.map { try whole($0) } }

  private static func upper(_ range: RangeValue) throws -> Int? {
    guard let bound = range.upper else { return nil }
    let end = try whole(bound)
    guard range.isClosed else { return end }
    // `0...-1` ends with the last element, as `x[-1]` is the last.
    return end == -1 ? nil : end + 1
  }

  private static func whole(_ bound: RangeValue.Bound) throws -> Int {
    guard case .int(let position) = bound, position < Int.max else {
      throw TensorError("subscript", .invalid("a range of positions has Int bounds"))
    }
    return position
  }
}
