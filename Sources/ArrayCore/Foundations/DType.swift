/// The type of an array's elements.
public enum DType: UInt8, Hashable, Sendable, CaseIterable {
  case float32
  case float64
  case int64

  /// True for `float32` and `float64`.
  public var isFloating: Bool { self != .int64 }

  /// The bytes one element takes.
  public var byteSize: Int { self == .float32 ? 4 : 8 }

  /// The name a user reads and types.
  public var name: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int64: "int64"
    }
  }

  /// The type of a result of two operands: the wider float, and integers join floats.
  public static func promoted(_ a: DType, _ b: DType) -> DType {
    if a == b { return a }
    if a == .float64 || b == .float64 { return .float64 }
    return .float32
  }
}
