/// A value in a pickle. Containers are numbers of entries of the pickle's tables: nothing nests, so that freeing a value
/// never recurses, however deep a file nests.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case text(Range<Int>)
  case bytes(ByteRange)
  /// Also a tuple.
  case list(Int)
  case dictionary(Int)
  case array(Int)
  case type(Int)
  case function(Function)
  /// The start of what an operation takes from the stack.
  case mark

  /// Bytes in the file.
  struct ByteRange {
    var place: Range<Int>
    /// Whether they are written as text in UTF-8, a character for each byte: Python 3 in protocol 2.
    var isText = false
  }

  /// What a pickle may call: what Python's own pickles of numpy's arrays and numbers call. Nothing is looked up and nothing
  /// runs; each stands for making plain data.
  enum Function: String {
    case reconstruct, scalar, fromBuffer, dtype, ndarray, encode, bytes, orderedDictionary

    init?(module: String, name: String) {
      switch (module, name) {
      case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
        self = .reconstruct
      case ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"): self = .scalar
      case ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"): self = .fromBuffer
      case ("numpy", "dtype"): self = .dtype
      case ("numpy", "ndarray"): self = .ndarray
      case ("_codecs", "encode"): self = .encode
      case ("__builtin__", "bytes"), ("builtins", "bytes"): self = .bytes
      case ("collections", "OrderedDict"): self = .orderedDictionary
      default: return nil
      }
    }
  }

  /// A type of numbers by numpy's code: `u1`, `i8`.
  struct NumberType {
    /// `u`, `i`, or `b` for truth values.
    let kind: UInt8
    let size: Int
    var isBigEndian = false

    init?(_ code: String) {
      let code = code.drop { "<|=>".contains($0) }
      guard let kind = code.utf8.first, let size = Int(code.dropFirst()) else { return nil }
      switch (kind, size) {
      case (UInt8(ascii: "u"), 1), (UInt8(ascii: "u"), 2), (UInt8(ascii: "u"), 4), (UInt8(ascii: "u"), 8),
        (UInt8(ascii: "i"), 1), (UInt8(ascii: "i"), 2), (UInt8(ascii: "i"), 4), (UInt8(ascii: "i"), 8),
        (UInt8(ascii: "b"), 1):
        (self.kind, self.size) = (kind, size)
      default: return nil
      }
    }

    /// The number in so many bytes as the type has; nil beyond Int's range.
    func number(_ bytes: some Collection<UInt8>) -> Int? {
      var bits: UInt64 = 0
      for byte in isBigEndian ? Array(bytes) : bytes.reversed() { bits = bits << 8 | UInt64(byte) }
      if kind == UInt8(ascii: "i") {
        let unused = UInt64(64 - 8 * size)
        return Int(Int64(bitPattern: bits << unused) >> Int64(unused))
      }
      return Int(exactly: bits)
    }
  }

  /// An array of whole numbers: row by row, unless it says otherwise.
  struct NumberArray {
    var shape: [Int] = []
    /// The place of its type in the table.
    var type: Int?
    var bytes = ByteRange(place: 0..<0)
    var isColumnMajor = false
  }
}
