import ArrayCore

/// What a node keeps of its operation's inputs and output.
struct Kept: OptionSet {
  let rawValue: UInt8
  static let first = Kept(rawValue: 1)
  static let second = Kept(rawValue: 2)
  static let third = Kept(rawValue: 4)
  static let output = Kept(rawValue: 8)
}

extension Operation {
  /// False where the derivative is zero everywhere; the output is then a constant.
  var isDifferentiable: Bool {
    switch self {
    case .unary(let op):
      switch op {
      case .step, .sign, .floor, .ceil, .round, .isFinite: false
      default: true
      }
    default: true
    }
  }

  /// What the rule will read, given which inputs are recorded.
  func kept(firstRecorded: Bool, secondRecorded: Bool) -> Kept {
    switch self {
    case .binary(let op):
      switch op {
      case .multiply:
        return crosswise(firstRecorded, secondRecorded)
      case .divide: return secondRecorded ? [.second, .output] : .second
      case .power: return secondRecorded ? [.first, .second, .output] : [.first, .second]
      case .maximum, .minimum: return [.first, .second]
      default: return []
      }
    case .binaryScalar(let op, _):
      switch op {
      case .power, .maximum, .minimum: return .first
      default: return []
      }
    case .scalarBinary(let op, _):
      switch op {
      case .divide, .maximum, .minimum: return .first
      case .power: return .output
      default: return []
      }
    case .unary(let op):
      switch op {
      case .negate: return []
      case .exp, .sqrt, .rsqrt, .reciprocal, .tanh, .sigmoid, .relu, .expm1: return .output
      default: return .first
      }
    case .select: return .first
    case .reluGradient: return .second
    case .softmax, .logSoftmax: return .output
    case .matmul, .matmulSum, .convolution, .convolutionInputGradient, .convolutionWeightGradient:
      return crosswise(firstRecorded, secondRecorded)
    case .solve: return firstRecorded ? [.first, .output] : .first
    case .gather, .scatterAdd, .takeRows, .addRows: return .second
    case .normalize: return .first
    case .normalizeGradient, .normalizeTangent: return [.first, .second]
    case .normalizeCurvature: return [.first, .second, .third]
    case .addScaled, .cast, .sum, .sumTo, .broadcast, .reshape, .permute, .flip, .slice, .embed, .concat,
      .exposeTasks, .hideTasks, .averagePool, .averagePoolAdjoint, .checkpoint, .unaffected:
      return []
    }
  }

  /// A product's derivative to one factor needs the other.
  private func crosswise(_ firstRecorded: Bool, _ secondRecorded: Bool) -> Kept {
    (firstRecorded ? Kept.second : []).union(secondRecorded ? .first : [])
  }
}
