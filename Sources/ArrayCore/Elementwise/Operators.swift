/// An operation on two elements. Comparisons give int64 0 or 1.
public enum BinaryOp: Int32, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, divide, power, maximum, minimum
  case equal, notEqual, less, lessEqual, greater, greaterEqual

  /// True for the six comparisons.
  public var isComparison: Bool { rawValue >= BinaryOp.equal.rawValue }

  /// The name in error messages.
  public var name: String {
    switch self {
    case .add: "add"
    case .subtract: "subtract"
    case .multiply: "multiply"
    case .divide: "divide"
    case .power: "power"
    case .maximum: "maximum"
    case .minimum: "minimum"
    case .equal: "equal"
    case .notEqual: "notEqual"
    case .less: "less"
    case .lessEqual: "lessEqual"
    case .greater: "greater"
    case .greaterEqual: "greaterEqual"
    }
  }

  var isCostly: Bool { self == .power }
}

/// An operation on one element.
///
/// `rsqrt` is 1/√x, `step` is 1 where x > 0 and 0 elsewhere (the derivative of `relu`), `round` rounds halves to
/// even, and `isFinite` gives int64 0 or 1.
public enum UnaryOp: Int32, Hashable, Sendable, CaseIterable {
  case negate, exp, log, sqrt, rsqrt, reciprocal, square, sin, cos, tanh, sigmoid, relu, abs, sign
  case floor, ceil, round, erf, expm1, log1p, step, isFinite

  /// The name in error messages.
  public var name: String {
    switch self {
    case .negate: "negate"
    case .exp: "exp"
    case .log: "log"
    case .sqrt: "sqrt"
    case .rsqrt: "rsqrt"
    case .reciprocal: "reciprocal"
    case .square: "square"
    case .sin: "sin"
    case .cos: "cos"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .relu: "relu"
    case .abs: "abs"
    case .sign: "sign"
    case .floor: "floor"
    case .ceil: "ceil"
    case .round: "round"
    case .erf: "erf"
    case .expm1: "expm1"
    case .log1p: "log1p"
    case .step: "step"
    case .isFinite: "isFinite"
    }
  }

  /// What it gives for integers: an integer again, or a float.
  enum IntegerRule { case exact, same, float }

  var integerRule: IntegerRule {
    switch self {
    case .negate, .square, .relu, .abs, .sign, .step: .exact
    case .floor, .ceil, .round: .same
    default: .float
    }
  }

  /// The time of an element relative to an addition.
  var cost: Int {
    switch self {
    case .exp, .log, .sin, .cos, .tanh, .sigmoid, .erf, .expm1, .log1p: 8
    default: 1
    }
  }
}
