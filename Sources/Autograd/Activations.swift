import ArrayCore

/// The Gaussian error linear unit, x·Φ(x) = x/2 · (1 + erf(x/√2)) (Hendrycks and Gimpel 2016).
public func gelu(_ x: Tensor) throws(TensorError) -> Tensor {
  try x * (erf(x * 0.7071067811865476) * 0.5 + 0.5)
}

/// x where positive, alpha·(exp(x) − 1) elsewhere (Clevert et al. 2015).
public func elu(_ x: Tensor, _ alpha: Double = 1) throws(TensorError) -> Tensor {
  // The branch not taken must stay finite, or its zero derivative becomes NaN.
  let negative = try expm1(minimum(x, 0)) * alpha
  return try select(x.greater(0), x, negative)
}

/// x where positive, slope·x elsewhere.
public func leakyRelu(_ x: Tensor, _ slope: Double = 0.01) throws(TensorError) -> Tensor {
  try select(x.greater(0), x, x * slope)
}

/// log(1 + exp(x)), without overflow.
public func softplus(_ x: Tensor) throws(TensorError) -> Tensor {
  try relu(x) + log1p(exp(-abs(x)))
}

/// exp(x) / Σ exp(x) along `axis`.
public func softmax(_ x: Tensor, axis: Int = -1) throws(TensorError) -> Tensor {
  try Tensor.apply(.softmax(axis: x.normalized(axis, "softmax")), x)
}

/// x − log Σ exp(x) along `axis`.
public func logSoftmax(_ x: Tensor, axis: Int = -1) throws(TensorError) -> Tensor {
  try Tensor.apply(.logSoftmax(axis: x.normalized(axis, "logSoftmax")), x)
}
