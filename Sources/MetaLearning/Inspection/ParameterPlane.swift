import ArrayCore
import Autograd

/// Numbers in the shape of a model's parameters.
struct ParameterVector {
  var parts: [[Double]]

  init(parts: [[Double]]) { self.parts = parts }

  init(_ tensors: [Tensor]) throws { parts = try tensors.map { try $0.toDoubles() } }

  func tensors(like others: [Tensor]) throws -> [Tensor] {
    try zip(parts, others).map { try Tensor($0, shape: $1.shape, dtype: $1.dtype) }
  }

  var norm: Double { (self * self).squareRoot() }

  static func * (a: ParameterVector, b: ParameterVector) -> Double {
    var sum = 0.0
    for (left, right) in zip(a.parts, b.parts) {
      for index in left.indices { sum += left[index] * right[index] }
    }
    return sum
  }

  static func - (a: ParameterVector, b: ParameterVector) -> ParameterVector { a.adding(b, times: -1) }

  func adding(_ other: ParameterVector, times factor: Double) -> ParameterVector {
    ParameterVector(parts: zip(parts, other.parts).map { zip($0, $1).map { $0 + factor * $1 } })
  }

  func scaled(by factor: Double) -> ParameterVector {
    ParameterVector(parts: parts.map { $0.map { $0 * factor } })
  }

  /// What is left of it without its part along a vector of length 1.
  func without(_ direction: ParameterVector) -> ParameterVector {
    // Twice: rounding leaves a little of it the first time.
    let once = adding(direction, times: -(self * direction))
    return once.adding(direction, times: -(once * direction))
  }
}

/// Two directions in the space of parameters.
struct ParameterPlane {
  let u: ParameterVector
  let v: ParameterVector

  /// Towards the end of each of two ways, or the end and the side of one: perpendicular, and of length 1.
  ///
  /// - Parameter ways: differences from the start, step by step.
  init(along ways: [[ParameterVector]], from start: ParameterVector, _ shapes: [Shape], seed: UInt64) {
    let ends = ways.compactMap(\.last)
    func unit(_ vector: ParameterVector) -> ParameterVector? {
      let norm = vector.norm
      return norm > 0 && norm.isFinite ? vector.scaled(by: 1 / norm) : nil
    }
    func random(_ stream: UInt64, without other: ParameterVector?) -> ParameterVector {
      let vector = Self.random(seed: seed, stream, like: start, shapes)
      return unit(other.map { vector.without($0) } ?? vector) ?? vector
    }
    let first = ends.first.flatMap(unit) ?? ends.last.flatMap(unit) ?? random(0, without: nil)
    let candidates = ways.count > 1 ? ends : ways.flatMap { $0 }
    let sides = candidates.map { ($0.without(first), $0.norm) }
    let furthest = sides.max { $0.0.norm < $1.0.norm }
    u = first
    // A rest that rounding made is no direction.
    v = furthest.flatMap { $0.0.norm > 1e-6 * $0.1 ? unit($0.0) : nil } ?? random(1, without: first)
  }

  /// Random directions with filters as long as those of `start`.
  init(random seed: UInt64, like start: ParameterVector, _ shapes: [Shape]) {
    u = Self.random(seed: seed, 0, like: start, shapes)
    v = Self.random(seed: seed, 1, like: start, shapes)
  }

  private static func random(
    seed: UInt64, _ stream: UInt64, like start: ParameterVector, _ shapes: [Shape]
  ) -> ParameterVector {
    var index: UInt64 = 0
    let key = RandomKey(seed: seed, stream: stream)
    var parts = start.parts.map { part in
      part.map { _ in
        index += 1
        return key.normal(at: index)
      }
    }
    // A model of vectors alone would have no direction at all.
    let hasFilters = shapes.contains { $0.rank > 1 }
    for (place, shape) in shapes.enumerated() {
      let filters = shape.rank > 1 ? max(1, shape[0]) : 1
      let size = parts[place].count / filters
      for filter in 0..<filters {
        let range = filter * size..<(filter + 1) * size
        func norm(_ numbers: [Double]) -> Double {
          range.reduce(0.0) { $0 + numbers[$1] * numbers[$1] }.squareRoot()
        }
        let own = norm(parts[place])
        let factor = shape.rank > 1 || !hasFilters ? (own > 0 ? norm(start.parts[place]) / own : 0) : 0
        for index in range { parts[place][index] *= factor }
      }
    }
    return ParameterVector(parts: parts)
  }

  /// The coordinates of the point of the plane that is nearest, and how far it is.
  func place(of move: ParameterVector) -> (x: Double, y: Double, distance: Double) {
    let (uu, uv, vv) = (u * u, u * v, v * v)
    let (mu, mv) = (move * u, move * v)
    let determinant = uu * vv - uv * uv
    guard determinant > 0 else { return (0, 0, move.norm) }
    let x = (vv * mu - uv * mv) / determinant
    let y = (uu * mv - uv * mu) / determinant
    return (x, y, move.adding(u, times: -x).adding(v, times: -y).norm)
  }
}
