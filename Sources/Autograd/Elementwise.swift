import ArrayCore

// Elementwise functions. Each returns a tensor of the shape of `x` (or the broadcast shape).

public func exp(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.exp), x) }
/// The natural logarithm.
public func log(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.log), x) }
public func sqrt(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.sqrt), x) }
/// 1/√x
public func rsqrt(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.rsqrt), x) }
/// 1/x
public func reciprocal(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.reciprocal), x) }
/// x²
public func square(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.square), x) }
public func sin(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.sin), x) }
public func cos(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.cos), x) }
public func tanh(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.tanh), x) }
/// 1/(1 + exp(−x))
public func sigmoid(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.sigmoid), x) }
/// max(x, 0); its derivative at 0 is 0.
public func relu(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.relu), x) }
/// |x|; its derivative at 0 is 0.
public func abs(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.abs), x) }
/// −1, 0 or 1; its derivative is 0.
public func sign(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.sign), x) }
public func floor(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.floor), x) }
public func ceil(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.ceil), x) }
public func round(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.round), x) }
/// The error function, 2/√π ∫₀ˣ exp(−t²) dt.
public func erf(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.erf), x) }
/// exp(x) − 1, accurate near 0.
public func expm1(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.expm1), x) }
/// log(1 + x), accurate near 0.
public func log1p(_ x: Tensor) throws(TensorError) -> Tensor { try Tensor.apply(.unary(.log1p), x) }

/// xᵖ
public func pow(_ x: Tensor, _ p: Double) throws(TensorError) -> Tensor {
  p == 2 ? try square(x) : try Tensor.apply(.binaryScalar(.power, p), x)
}
public func pow(_ x: Tensor, _ p: Tensor) throws(TensorError) -> Tensor {
  try Tensor.apply(.binary(.power), x, p)
}
public func pow(_ base: Double, _ p: Tensor) throws(TensorError) -> Tensor {
  try Tensor.apply(.scalarBinary(.power, base), p)
}

/// The larger of each pair; equal ones share the derivative.
public func maximum(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
  try Tensor.apply(.binary(.maximum), a, b)
}
public func maximum(_ a: Tensor, _ b: Double) throws(TensorError) -> Tensor {
  try Tensor.apply(.binaryScalar(.maximum, b), a)
}
/// The smaller of each pair; equal ones share the derivative.
public func minimum(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
  try Tensor.apply(.binary(.minimum), a, b)
}
public func minimum(_ a: Tensor, _ b: Double) throws(TensorError) -> Tensor {
  try Tensor.apply(.binaryScalar(.minimum, b), a)
}

/// `x` limited to [low, high]; the derivative is 1 from bound to bound, 0 outside.
public func clip(_ x: Tensor, _ low: Double, _ high: Double) throws(TensorError) -> Tensor {
  try minimum(maximum(x, low), high)
}

/// `a` where the mask is not zero, `b` elsewhere; the three broadcast.
public func select(_ mask: Tensor, _ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
  try Tensor.apply(.select, mask.detach(), a, b)
}
