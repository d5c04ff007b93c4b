import ArrayCore
import Autograd

/// Samples that are made when tasks draw them, such as images that are decoded from files: for data that do not fit into
/// memory.
public struct SampleStore: Sendable {
  /// [n, …]
  public let shape: Shape
  /// Gives the samples of some rows, [rows, …]. Any thread may call it.
  let take: @Sendable (_ rows: [Int]) throws -> Tensor

  public init(shape: Shape, _ take: @escaping @Sendable (_ rows: [Int]) throws -> Tensor) {
    self.shape = shape
    self.take = take
  }
}

/// Where a data set's samples are.
enum SampleTable: Sendable {
  case array(NDArray)
  case store(SampleStore)

  var shape: Shape {
    switch self {
    case .array(let array): array.shape
    case .store(let store): store.shape
    }
  }

  var dtype: DType {
    switch self {
    case .array(let array): array.dtype
    case .store: .float32
    }
  }

  /// The samples of some rows, `shape` of them, changed by maps where there are any: one for each, nil for none.
  func samples(_ rows: [Int], _ shape: Shape, through maps: [PixelMap?]) throws -> NDArray {
    switch self {
    case .array(let table):
      let index = try NDArray(rows, shape)
      return maps.isEmpty
        ? try NDArray.takeRows(table, index) : try NDArray.takeImages(table, index, through: maps)
    case .store(let store):
      let taken = try store.take(rows).array
      guard Array(taken.shape) == [rows.count] + store.shape.dropFirst() else {
        throw LearningError.shapesDiffer(what: "samples of a store")
      }
      return try SampleTable.array(taken).samples(Array(rows.indices), shape, through: maps)
    }
  }
}
