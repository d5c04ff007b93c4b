import ArrayCore

extension Tensor: CustomStringConvertible {
  /// Nested numbers, shape and dtype; long tensors show the first and last of each axis.
  public var description: String {
    let tasks = taskCount.map { ", \($0) tasks" } ?? ""
    guard let numbers = try? describedNumbers() else {
      return "Tensor(shape: \(shape)\(tasks), \(dtype.name))"
    }
    if rank == 0 && taskCount == nil { return "Tensor(\(numbers), \(dtype.name))" }
    return "Tensor(\(numbers), shape: \(shape)\(tasks), \(dtype.name))"
  }

  /// At most six entries along each axis when there are more than 100 elements.
  private func describedNumbers() throws(TensorError) -> String {
    let isLong = array.elementCount > 100
    return try nested(array, isLong: isLong)
  }

  private func nested(_ array: NDArray, isLong: Bool) throws(TensorError) -> String {
    if array.rank == 0 { return number(try array.item()) }
    let size = array.shape[0]
    let isCut = isLong && size > 6
    var parts: [String] = []
    for index in 0..<size {
      if isCut, index >= 3, index < size - 3 {
        if index == 3 { parts.append("…") }
        continue
      }
      parts.append(try nested(array.selecting(axis: 0, index: index), isLong: isLong))
    }
    return "[" + parts.joined(separator: ", ") + "]"
  }

  private func number(_ value: Double) -> String {
    switch dtype {
    case .float32: "\(Float(value))"
    case .float64: "\(value)"
    case .int64: value.magnitude < 9e15 ? "\(Int(value))" : "\(value)"
    }
  }
}
