import ArrayCore

extension Tensor {
  /// The same elements, in row-major order, in another shape.
  public func reshape(to shape: Shape) throws(TensorError) -> Tensor {
    shape == self.shape ? self : try Tensor.apply(.reshape(shape), self)
  }

  /// As `reshape(to:)`; one size may be −1 and is worked out.
  public func reshape(_ sizes: [Int]) throws(TensorError) -> Tensor {
    guard let open = sizes.firstIndex(of: -1) else { return try reshape(to: Shape(sizes)) }
    var sizes = sizes
    sizes[open] = 1
    let others = try Shape(sizes).checkedElementCount("reshape")
    guard others > 0, count % others == 0 else {
      sizes[open] = -1
      throw TensorError(
        "reshape", .invalid("\(count) elements of shape \(shape) do not fill \(sizes) for any size at −1"))
    }
    sizes[open] = count / others
    return try reshape(to: Shape(sizes))
  }

  /// The axes from `from` on as one.
  public func flatten(from: Int = 0) throws(TensorError) -> Tensor {
    if rank == 0 { return try reshape(to: [1]) }
    let from = try normalized(from, "flatten")
    let shape = self.shape
    return try reshape(
      to: Shape(Array(shape.prefix(from)) + [Shape(shape.dropFirst(from)).elementCount]))
  }

  /// The axes in another order: axis `i` of the result is axis `axes[i]`.
  public func permute(_ axes: [Int]) throws(TensorError) -> Tensor {
    var order: [Int] = []
    for axis in axes { order.append(try normalized(axis, "permute")) }
    guard order.count == rank else {
      throw TensorError("permute", .invalid("\(axes.count) axes given for shape \(shape)"))
    }
    for (position, axis) in order.enumerated() where order[..<position].contains(axis) {
      throw TensorError("permute", .repeatedAxis(axis))
    }
    return try Tensor.apply(.permute(order: Shape(order)), self)
  }

  /// The last two axes exchanged.
  public func transposed() throws(TensorError) -> Tensor {
    guard rank >= 2 else { throw TensorError("transposed", .rankTooLow(shape, atLeast: 2)) }
    var axes = Array(0..<rank)
    axes.swapAt(rank - 1, rank - 2)
    return try permute(axes)
  }

  /// Without the axis, which must be of size 1; nil removes all of size 1.
  public func squeeze(_ axis: Int? = nil) throws(TensorError) -> Tensor {
    guard let axis else { return try reshape(to: Shape(shape.filter { $0 != 1 })) }
    let position = try normalized(axis, "squeeze")
    guard shape[position] == 1 else {
      throw TensorError("squeeze", .invalid("axis \(axis) of shape \(shape) is not of size 1"))
    }
    return try reshape(to: shape.removing(at: position))
  }

  /// With an axis of size 1 inserted.
  public func unsqueeze(_ axis: Int) throws(TensorError) -> Tensor {
    try reshape(to: shape.inserting(1, at: normalized(axis, "unsqueeze", extra: 1)))
  }

  /// Repeated along new axes and axes of size 1.
  public func broadcast(to shape: Shape) throws(TensorError) -> Tensor {
    shape == self.shape ? self : try Tensor.apply(.broadcast(shape, tasks: -1), self)
  }

  /// Summed down to `shape`, the adjoint of `broadcast(to:)`.
  public func sumTo(_ shape: Shape) throws(TensorError) -> Tensor {
    shape == self.shape ? self : try Tensor.apply(.sumTo(shape, overTasks: false), self)
  }

  /// The elements along `axis` in reverse.
  public func flip(_ axis: Int) throws(TensorError) -> Tensor {
    try Tensor.apply(.flip(axis: normalized(axis, "flip")), self)
  }

  /// Every `step`-th element along `axis` from `from` up to, not including, `to`.
  /// Negative positions count from the end.
  public func slice(axis: Int, from: Int, to: Int, step: Int = 1) throws(TensorError) -> Tensor {
    let axis = try normalized(axis, "slice")
    let size = shape[axis]
    guard step > 0 else { throw TensorError("slice", .invalid("the step must be positive, not \(step)")) }
    let start = from < 0 ? from + size : from
    let end = to < 0 ? to + size : to
    guard start >= 0, start <= size else {
      throw TensorError("slice", .indexOutOfRange(index: from, count: size))
    }
    guard end >= start, end <= size else {
      throw TensorError("slice", .indexOutOfRange(index: to, count: size))
    }
    if start == 0, end == size, step == 1 { return self }
    return try Tensor.apply(.slice(axis: axis, from: start, to: end, step: step), self)
  }

  /// Zeros before and after along `axis`.
  public func pad(axis: Int, before: Int, after: Int) throws(TensorError) -> Tensor {
    let axis = try normalized(axis, "pad")
    guard before >= 0, after >= 0 else { throw TensorError("pad", .negativeSize(Swift.min(before, after))) }
    let (partial, first) = shape[axis].addingReportingOverflow(before)
    let (size, second) = partial.addingReportingOverflow(after)
    guard !first, !second else { throw TensorError("pad", .integerOverflow) }
    return try Tensor.apply(.embed(axis: axis, from: before, step: 1, size: size), self)
  }

  /// The numbers in another dtype. Converting between floating dtypes is differentiable.
  public func cast(to dtype: DType) throws(TensorError) -> Tensor {
    dtype == self.dtype ? self : try Tensor.apply(.cast(dtype), self)
  }
}

/// Joins tensors along an axis; their other sizes are equal.
public func concat(_ tensors: [Tensor], axis: Int = 0) throws(TensorError) -> Tensor {
  guard let first = tensors.first else {
    throw TensorError("concat", .invalid("needs at least one tensor"))
  }
  let axis = try first.normalized(axis, "concat")
  for tensor in tensors where tensor.rank != first.rank {
    throw TensorError("concat", .shapesDiffer(first.shape, tensor.shape))
  }
  if tensors.count == 1 { return first }
  var dtype = first.dtype
  for tensor in tensors { dtype = DType.promoted(dtype, tensor.dtype) }
  var parts: [Tensor] = []
  for tensor in tensors { parts.append(try tensor.cast(to: dtype)) }
  return try Tensor.apply(.concat(axis: axis, sizes: parts.map { $0.shape[axis] }), all: parts)
}

/// Joins tensors of equal shape along a new axis.
public func stack(_ tensors: [Tensor], axis: Int = 0) throws(TensorError) -> Tensor {
  guard let first = tensors.first else {
    throw TensorError("stack", .invalid("needs at least one tensor"))
  }
  var parts: [Tensor] = []
  for tensor in tensors {
    guard tensor.shape == first.shape else {
      throw TensorError("stack", .shapesDiffer(first.shape, tensor.shape))
    }
    parts.append(try tensor.unsqueeze(axis))
  }
  return try concat(parts, axis: first.normalized(axis, "stack", extra: 1))
}
