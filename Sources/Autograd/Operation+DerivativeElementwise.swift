import ArrayCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// Elementwise rules; see Operation+Derivative.swift.
extension Derivative {
  func unary(_ op: UnaryOp) throws(TensorError) -> Tensor? {
    switch op {
    case .negate: return try -g
    case .exp: return try g * output()
    case .log: return try g / input(0)
    case .sqrt: return try g * 0.5 / output()
    case .rsqrt:  // −½ y³
      let y = try output()
      return try g * (y * square(y)) * -0.5
    case .reciprocal: return try g * square(output()) * -1
    case .square: return try g * input(0) * 2
    case .sin: return try g * cos(input(0))
    case .cos: return try g * sin(input(0)) * -1
    case .tanh: return try g * (1 - square(output()))
    case .sigmoid:
      let y = try output()
      return try g * (y * (1 - y))
    case .relu: return try Tensor.apply(.reluGradient, g, output())
    case .abs: return try g * sign(input(0))
    case .erf:  // 2/√π exp(−a²)
      return try g * exp(-square(input(0))) * 1.1283791670955126
    case .expm1: return try g * (output() + 1)
    case .log1p: return try g / (input(0) + 1)
    case .step, .sign, .floor, .ceil, .round, .isFinite: return nil
    }
  }

  func binary(_ op: BinaryOp, _ index: Int) throws(TensorError) -> Tensor? {
    switch op {
    case .add: return g
    case .subtract: return index == 0 ? g : try -g
    case .multiply: return try g * input(1 - index)
    case .divide:  // g/b, −g y/b
      let quotient = try g / input(1)
      return index == 0 ? quotient : try -(quotient * output())
    case .power: return try index == 0 ? powerBase() : powerExponent()
    case .maximum, .minimum:  // the larger takes all; equal ones half each
      let a = try input(index).detach()
      let b = try input(1 - index).detach()
      let wins = try op == .maximum ? a.greater(b) : a.less(b)
      let share = try wins.cast(to: g.dtype) + a.equal(b).cast(to: g.dtype) * 0.5
      return try g * share
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: return nil
    }
  }

  /// g b a^(b−1), zero where b = 0 also at a = 0.
  private func powerBase() throws(TensorError) -> Tensor {
    let a = try input(0)
    let b = try input(1)
    if b.isRecorded { return try g * (b * pow(a, b - 1)) }
    let safe = try onesForZeros(b)
    return try g * (b * pow(a, safe - 1))
  }

  private func onesForZeros(_ x: Tensor) throws(TensorError) -> Tensor {
    try select(x.detach().equal(0), Tensor(1, dtype: x.dtype), x)
  }

  /// g y log a, zero where a = 0.
  private func powerExponent() throws(TensorError) -> Tensor {
    try g * (output() * log(onesForZeros(input(0))))
  }

  func binaryScalar(_ op: BinaryOp, _ number: Double) throws(TensorError) -> Tensor? {
    switch op {
    case .add, .subtract: return g
    case .multiply: return try g * number
    case .divide: return try g / number
    case .power:
      if number == 0 { return nil }
      if number == 1 { return g }
      if number == 2 { return try g * input(0) * 2 }
      return try g * (pow(input(0), number - 1) * number)
    case .maximum: return try clipped(input(0).detach().greaterEqual(number))
    case .minimum: return try clipped(input(0).detach().lessEqual(number))
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: return nil
    }
  }

  func scalarBinary(_ op: BinaryOp, _ number: Double) throws(TensorError) -> Tensor? {
    switch op {
    case .add: return g
    case .subtract: return try -g
    case .multiply: return try g * number
    case .divide: return try g / square(input(0)) * -number  // −c/a²
    case .power:  // y log c
      return number == 0 ? nil : try g * output() * log(number)
    case .maximum: return try clipped(input(0).detach().greaterEqual(number))
    case .minimum: return try clipped(input(0).detach().lessEqual(number))
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: return nil
    }
  }

  private func clipped(_ mask: Tensor) throws(TensorError) -> Tensor {
    try select(mask, g, zero())
  }

  private func zero() throws(TensorError) -> Tensor { try Tensor(0, dtype: g.dtype) }

  func selectRule(_ index: Int) throws(TensorError) -> Tensor? {
    switch index {
    case 1: return try select(input(0), g, zero())
    case 2: return try select(input(0), zero(), g)
    default: return nil
    }
  }
}
