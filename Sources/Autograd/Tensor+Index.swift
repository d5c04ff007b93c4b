import ArrayCore

/// One position of an index expression, as in `x[..., 0..<3]`.
public enum TensorIndex: Sendable {
  /// One element; the axis goes.
  case index(Int)
  /// Elements from the first bound up to the second; nil bounds are the ends.
  case range(Int?, Int?, step: Int)
  /// The whole axis.
  case all
  /// As many whole axes as are left over.
  case ellipsis
  /// A new axis of size 1.
  case newAxis
  /// Rows by an integer tensor, whose axes replace the axis; or by a mask of as many axes as it has, which become one.
  case tensor(Tensor)

  /// How many axes of the tensor it stands for.
  fileprivate var axisCount: Int {
    switch self {
    case .newAxis, .ellipsis: 0
    case .tensor(let index) where index.isMask: index.rank
    default: 1
    }
  }
}

extension Tensor {
  /// One element along `axis`; the axis goes. Negative positions count from the end.
  public func at(_ index: Int, axis: Int = 0) throws(TensorError) -> Tensor {
    guard rank > 0 else { throw TensorError("index", .rankTooLow(shape, atLeast: 1)) }
    let axis = try normalized(axis, "index")
    let size = shape[axis]
    guard index >= -size, index < size else {
      throw TensorError("index", .indexOutOfRange(index: index, count: size))
    }
    let position = index < 0 ? index + size : index
    let row = try slice(axis: axis, from: position, to: position + 1)
    return try row.reshape(to: row.shape.removing(at: axis))
  }

  /// The part that an index expression picks, axis by axis.
  public func index(_ items: [TensorIndex]) throws(TensorError) -> Tensor {
    let used = items.reduce(0) { $0 + $1.axisCount }
    guard used <= rank else {
      throw TensorError("index", .invalid("\(used) indices for a tensor of shape \(shape)"))
    }
    var result = self
    var axis = 0
    var sawEllipsis = false
    for item in items {
      switch item {
      case .index(let index): result = try result.at(index, axis: axis)
      case .range(let from, let to, let step):
        result = try result.slice(
          axis: axis, from: from ?? 0, to: to ?? result.shape[axis], step: step)
        axis += 1
      case .all: axis += 1
      case .ellipsis:
        guard !sawEllipsis else { throw TensorError("index", .invalid("... may stand once")) }
        sawEllipsis = true
        axis += rank - used
      case .newAxis:
        result = try result.unsqueeze(axis)
        axis += 1
      case .tensor(let index) where index.isMask:
        result = try result.chosen(by: index, axis: axis)
        axis += 1
      case .tensor(let index):
        result = try result.take(index, axis: axis)
        axis += index.rank
      }
    }
    return result
  }

  /// The elements where a mask of the axes from `axis` on is 1; those axes become one.
  private func chosen(by mask: Tensor, axis: Int) throws(TensorError) -> Tensor {
    let masked = Array(shape[axis..<axis + mask.rank])
    guard mask.rank > 0, masked == Array(mask.shape) else {
      throw TensorError(
        "index",
        .invalid("a mask of shape \(mask.shape) does not fit the axes \(masked) that it chooses from"))
    }
    let positions = try mask.toInts().enumerated().filter { $0.element != 0 }.map(\.offset)
    let count = masked.reduce(1, *)
    let flat = try reshape(to: Shape(Array(shape[..<axis]) + [count] + Array(shape[(axis + mask.rank)...])))
    return try flat.take(Tensor(positions), axis: axis)
  }

  /// Elements along `axis` by an integer tensor of any shape, whose axes replace the axis.
  public func take(_ index: Tensor, axis: Int = 0) throws(TensorError) -> Tensor {
    let axis = try normalized(axis, "take")
    if axis == 0 { return try takeRows(self, index) }
    var toFront = Array(0..<rank)
    toFront.remove(at: axis)
    let picked = try takeRows(permute([axis] + toFront), index)
    // index axes first, then the others: move the former behind the first `axis` of the latter
    let indexAxes = Array(0..<index.rank)
    let others = Array(index.rank..<picked.rank)
    return try picked.permute(Array(others[..<axis]) + indexAxes + Array(others[axis...]))
  }
}

/// Elements of `x` along `axis` at the positions `index`, as torch.gather:
/// y[i, j] = x[index[i, j], j] for axis 0. `index` has the rank of `x`.
public func gather(_ x: Tensor, axis: Int, index: Tensor) throws(TensorError) -> Tensor {
  try requireIndex(index, "gather")
  return try Tensor.apply(.gather(axis: x.normalized(axis, "gather")), x, index)
}

/// The adjoint of `gather`: adds each element of `g` to zeros of `size` along `axis` at `index`.
public func scatterAdd(_ g: Tensor, axis: Int, index: Tensor, size: Int) throws(TensorError) -> Tensor {
  try requireIndex(index, "scatterAdd")
  return try Tensor.apply(.scatterAdd(axis: g.normalized(axis, "scatterAdd"), size: size), g, index)
}

/// Rows of a table by number: `[V, D…]` and an index of any shape give `[index shape, D…]`.
public func takeRows(_ table: Tensor, _ index: Tensor) throws(TensorError) -> Tensor {
  try requireIndex(index, "takeRows")
  return try Tensor.apply(.takeRows, table, index)
}

/// The adjoint of `takeRows`: adds each row of `g` to zeros of `rowCount` rows.
public func addRows(_ g: Tensor, _ index: Tensor, rowCount: Int) throws(TensorError) -> Tensor {
  try requireIndex(index, "addRows")
  return try Tensor.apply(.addRows(rowCount: rowCount), g, index)
}

private func requireIndex(_ index: Tensor, _ operation: String) throws(TensorError) {
  guard index.dtype == .int64 else { throw TensorError(operation, .unsupportedDType(index.dtype)) }
}
