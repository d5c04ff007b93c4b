import ArrayCore
import Autograd
import NN
import OrderedCollections
import Testing

/// A reference file: tensors by dotted name and settings.
public struct ReferenceFile {
  public let tensors: NamedTensors
  public let settings: OrderedDictionary<String, String>

  public init(_ name: String) throws {
    let url = try #require(SharedFiles.url("fixtures/reference/\(name).safetensors"))
    (tensors, settings) = try loadTensorsWithMetadata(url.path)
  }

  public func tensor(_ name: String, _ dtype: DType) throws -> Tensor {
    let found = try #require(tensors[name], "the file has no \(name)")
    return found.dtype.isFloating ? try found.cast(to: dtype) : found
  }

  /// All tensors below a prefix, without it.
  public func part(_ prefix: String, _ dtype: DType) throws -> NamedTensors {
    var result: NamedTensors = [:]
    for name in tensors.keys where name.hasPrefix(prefix + ".") {
      result[String(name.dropFirst(prefix.count + 1))] = try tensor(name, dtype)
    }
    return result
  }
}

/// The largest relative difference to reference numbers; those far below the largest one count by its scale.
///
/// - Parameter overall: the size of the file's largest numbers of the kind. A gradient that is zero but for rounding
///   counts by it.
public func relativeDifference(
  _ found: Tensor, _ expected: Tensor, _ dtype: DType, overall: Double = 0
) throws -> Double {
  let numbers = try expected.toDoubles()
  let scale = numbers.reduce(0) { max($0, abs($1)) }
  guard found.shape.elementCount == expected.shape.elementCount else { return .infinity }
  let isDouble = dtype == .float64
  let floor = max(scale * (isDouble ? 1e-3 : 1), overall * (isDouble ? 1e-6 : 1e-3), 1e-12)
  return largestDifference(try found.toDoubles(), numbers, floor: floor)
}

/// The largest magnitude in some tensors.
public func largestMagnitude(_ tensors: NamedTensors) throws -> Double {
  try tensors.values.reduce(0) { try $1.toDoubles().reduce($0) { max($0, abs($1)) } }
}

/// What reference files promise.
public func tolerance(_ dtype: DType) -> Double { dtype == .float64 ? 1e-9 : 1e-4 }
