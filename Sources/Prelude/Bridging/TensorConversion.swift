import ArrayCore
import Autograd
import Interpreter

extension Tensor {
  /// The tensor a value stands for: a tensor, a parameter's value, a number, or nested arrays of these of equal lengths.
  /// Numbers become `dtype`, float32 unless said. nil when the value is nothing of the kind.
  static func converting(_ value: Value, dtype: DType? = nil) throws -> Tensor? {
    switch value {
    case .object(let object as Tensor): return try dtype.map { try object.cast(to: $0) } ?? object
    case .object(let object as Autograd.Parameter):
      return try dtype.map { try object.value.cast(to: $0) } ?? object.value
    case .int(let number): return try Tensor(Double(number), dtype: dtype ?? .float32)
    case .double(let number): return try Tensor(number, dtype: dtype ?? .float32)
    case .bool(let flag): return try Tensor(flag ? 1 : 0, dtype: dtype ?? .int64)
    case .array(let elements): return try nested(elements, dtype: dtype)
    case .range(let range):
      guard let integers = range.integers else { return nil }
      return try Tensor.arange(
        Double(integers.lowerBound), Double(integers.upperBound), dtype: dtype ?? .float32)
    default: return nil
    }
  }

  private static func nested(_ elements: [Value], dtype: DType?) throws -> Tensor? {
    var numbers: [Double] = []
    var sizes: [Int] = []
    if flatten(elements, into: &numbers, sizes: &sizes, depth: 0) {
      try checkRegular(elements, sizes[...])
      if dtype == .int64 { return try Tensor(wholes(elements), shape: try Shape(sizes)) }
      return try Tensor(numbers, shape: try Shape(sizes), dtype: dtype ?? .float32)
    }
    // Some elements are tensors, which may be recorded: put them together with an operation.
    var parts: [Tensor] = []
    for element in elements {
      guard let part = try converting(element, dtype: dtype) else { return nil }
      parts.append(part)
    }
    return try stack(parts)
  }

  /// Collects the numbers of nested arrays, and the sizes along the first elements; false when something else is inside.
  private static func flatten(
    _ elements: [Value], into numbers: inout [Double], sizes: inout [Int], depth: Int
  ) -> Bool {
    guard depth < Shape.maximumRank else { return false }
    if sizes.count == depth { sizes.append(elements.count) }
    for element in elements {
      switch element {
      case .int(let number): numbers.append(Double(number))
      case .double(let number): numbers.append(number)
      case .bool(let flag): numbers.append(flag ? 1 : 0)
      case .array(let inner):
        guard flatten(inner, into: &numbers, sizes: &sizes, depth: depth + 1) else { return false }
      default: return false
      }
    }
    return true
  }

  private static func checkRegular(_ elements: [Value], _ sizes: ArraySlice<Int>) throws {
    guard let size = sizes.first, elements.count == size else { throw irregular }
    let inner = sizes.dropFirst()
    for element in elements {
      if case .array(let nested) = element {
        try checkRegular(nested, inner)
      } else if !inner.isEmpty {
        throw irregular
      }
    }
  }

  private static let irregular = TensorError(
    "Tensor", .invalid("the rows have different lengths; nested arrays must be rectangular"))

  private static func wholes(_ elements: [Value]) throws -> [Int] {
    try elements.flatMap { element -> [Int] in
      switch element {
      case .int(let number): return [number]
      case .bool(let flag): return [flag ? 1 : 0]
      case .array(let inner): return try wholes(inner)
      case .double(let number):
        guard let whole = Int(exactly: number) else {
          throw TensorError("Tensor", .invalid("\(number) is no whole number, so it does not fit int64"))
        }
        return [whole]
      default: return []
      }
    }
  }
}

extension Arguments {
  /// An argument as a tensor: tensors, parameters, numbers and nested arrays.
  func tensor(_ name: String, dtype: DType? = nil) throws -> Tensor {
    if let tensor = try Tensor.converting(self[name], dtype: dtype) { return tensor }
    throw problem(
      name, id: "type-mismatch",
      "`\(name)` of `\(self.name)` must be a Tensor, not \(self[name].typeDescription)")
  }

  func optionalTensor(_ name: String, dtype: DType? = nil) throws -> Tensor? {
    self[name].isNull ? nil : try tensor(name, dtype: dtype)
  }

  /// The receiver of a tensor's member, which may be a parameter.
  func tensorReceiver() throws -> Tensor {
    if let tensor = try Tensor.converting(receiver) { return tensor }
    throw problem(id: "type-mismatch", message: "`\(name)` cannot be used on \(receiver.typeDescription)")
  }

  /// Labels as whole numbers: int64, or numbers without a fraction.
  func labels(_ name: String) throws -> Tensor {
    let labels = try tensor(name)
    guard labels.dtype.isFloating else { return labels }
    for number in try labels.array.toDoubles() where Int(exactly: number) == nil {
      throw problem(
        name, "`\(name)` of `\(self.name)` must be whole numbers; \(number) is none",
        hints: ["write labels as `Tensor([0, 1], dtype: .int64)`"])
    }
    return try labels.cast(to: .int64)
  }

  /// Sizes written one after the other or as one array: `zeros(2, 3)`, `zeros([2, 3])`.
  func sizes(_ name: String) throws -> [Int] {
    let values = try array(name)
    if values.count == 1, case .array? = values.first { return try Self.wholes(values[0], self, name) }
    return try Self.wholes(.array(values), self, name)
  }

  private static func wholes(_ value: Value, _ arguments: Arguments, _ name: String) throws -> [Int] {
    try (value.elements ?? []).map { element in
      guard let size = element.intValue else {
        throw arguments.problem(name, id: "type-mismatch", "sizes are Ints, not \(element.typeDescription)")
      }
      return size
    }
  }

  func dtype(_ name: String = "dtype") throws -> DType {
    switch try enumCase(name) {
    case "float64": .float64
    case "int64": .int64
    default: .float32
    }
  }
}

/// Types and parameters that many builtins share.
extension TypeReference {
  static let tensor = TypeReference.named("Tensor")
  static let module = TypeReference.named("Module")
  /// One Int, or one for each axis.
  static func sizes(_ axes: Int) -> TypeReference {
    axes == 1
      ? .oneOf([.int, .array(.int)])
      : .oneOf([.int, .tuple(Array(repeating: .int, count: axes)), .array(.int)])
  }
}

extension Interpreter.Parameter {
  static let dtype = labelled("dtype", .named("DType"), default: .case("float32"), "the kind of number")
  static let seed = labelled(
    "seed", .int, default: .computed("the session's"),
    "decides every random number; by default the session's next")
}
