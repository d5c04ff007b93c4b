import ArrayCore

// The third derivative of batch normalisation, in ordinary operations, so that there is one of any order.
//
// With ⟨·⟩ the mean over a channel of n values, p̄ = p − ⟨p⟩, pˣ = ⟨p x̂⟩ and pq = ⟨p q⟩ − ⟨p⟩⟨q⟩, the curvature
// D(x, g, u) along v is
//
//   ⟨v, D⟩ = −n r² K,   K = vˣ uĝ + uˣ vĝ + ĝˣ uv − 3 ĝˣ uˣ vˣ,
//
// which is the same for every order of ĝ = Sᵀg, u and v. So the derivative to u is the curvature along v, the one to
// g is that of u along v where windows select, and the one to x, since ∂r = −r² x̂ ∂x / n and
// ∂pˣ = r (p̄ − pˣ x̂) ∂x / n, is
//
//   r³ (x̂ (3 K − 6 ĝˣ uˣ vˣ) − Σₚ ∂K/∂pˣ p̄)   over p = ĝ, u, v.
extension Derivative {
  /// The cotangent of input x, g or u of the curvature; `self.g` is v.
  func curvatureRule(_ moments: BatchMoments, _ index: Int) throws(TensorError) -> Tensor {
    let x = try input(0)
    if index == 2 { return try Tensor.apply(.normalizeCurvature(moments), x, input(1), self.g) }
    let channel = try Channel(x, moments)
    let (u, v) = (try channel.factor(input(2)), try channel.factor(self.g))
    if index == 1 {
      let alongV = try channel.covariance(u, v) - u.slope * v.slope * 3
      let sum = try channel.normalized * alongV + u.slope * v.centred + v.slope * u.centred
      return try channel.selected(sum * square(channel.scale) * -1)
    }
    let g = try channel.factor(channel.spread(input(1)))
    let ofG = try channel.covariance(u, v) - u.slope * v.slope * 3
    let ofU = try channel.covariance(g, v) - g.slope * v.slope * 3
    let ofV = try channel.covariance(g, u) - g.slope * u.slope * 3
    // Together the three slopes take the product −9 times, K only −3 times.
    let product = try g.slope * u.slope * v.slope
    let k = try g.slope * ofG + u.slope * ofU + v.slope * ofV + product * 6
    let sum = try channel.normalized * (k * 3 - product * 6)
    let others = try g.centred * ofG + u.centred * ofU + v.centred * ofV
    return try (sum - others) * (channel.scale * square(channel.scale))
  }

  /// Zeros where an operation has no effect; of each task where every task is differentiated by itself.
  func zeros(like source: Node) throws(TensorError) -> Tensor {
    let tasks = source.taskCount ?? (mode == .perTask ? g.taskCount : nil)
    guard let tasks else { return Tensor(try NDArray(zeros: source.shape, source.dtype)) }
    return Tensor(
      try NDArray(zeros: try source.shape.inserting(tasks, at: 0), source.dtype), hasTasks: true)
  }
}

/// The channels of x: means over them, and the selection of the windows.
private struct Channel {
  /// x̂ and r, in their place in the graph.
  let normalized: Tensor
  let scale: Tensor
  private let axes: [Int]
  private let selection: Tensor?
  private let full: Shape
  private let kept: Shape

  /// p̄ and pˣ.
  struct Factor {
    let centred: Tensor
    let slope: Tensor
  }

  init(_ x: Tensor, _ moments: BatchMoments) throws(TensorError) {
    axes = [0] + Array(2..<x.rank)
    let centred = try x - x.mean(axes, keepDims: true)
    scale = try rsqrt(square(centred).mean(axes, keepDims: true) + moments.eps)
    normalized = try centred * scale
    selection = try moments.selection(x)
    full = x.shape
    kept = try moments.geometry.outputShape(input: full)
  }

  func factor(_ p: Tensor) throws(TensorError) -> Factor {
    Factor(
      centred: try p - p.mean(axes, keepDims: true),
      slope: try (p * normalized).mean(axes, keepDims: true))
  }

  func covariance(_ p: Factor, _ q: Factor) throws(TensorError) -> Tensor {
    try (p.centred * q.centred).mean(axes, keepDims: true)
  }

  /// S y
  func selected(_ y: Tensor) throws(TensorError) -> Tensor {
    guard let selection else { return y }
    return try gather(y.flatten(from: 2), axis: 2, index: selection).reshape(to: kept)
  }

  /// Sᵀ y
  func spread(_ y: Tensor) throws(TensorError) -> Tensor {
    guard let selection else { return y }
    let size = try Shape(full.dropFirst(2)).checkedElementCount("normalize")
    return try scatterAdd(y.flatten(from: 2), axis: 2, index: selection, size: size).reshape(to: full)
  }
}
