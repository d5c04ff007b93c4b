import ArrayCore

/// The element types of safetensors files that are read, by their names there.
enum StoredType: String {
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case int16 = "I16"
  case int32 = "I32"
  case int64 = "I64"

  init(_ dtype: DType) {
    switch dtype {
    case .float32: self = .float32
    case .float64: self = .float64
    case .int64: self = .int64
    }
  }

  var byteSize: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .float16, .bfloat16, .int16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// Reads an array from a place in a file; nil if the file ends before.
  func read(_ file: RegularFile, at offset: Int, shape: Shape) throws -> NDArray? {
    var isRead = true
    let array: NDArray
    switch self {
    case .float32:
      array = try NDArray.makeFloats(shape) {
        isRead = file.read(UnsafeMutableRawBufferPointer($0), at: offset)
      }
    case .float64:
      array = try NDArray.makeDoubles(shape) {
        isRead = file.read(UnsafeMutableRawBufferPointer($0), at: offset)
      }
    case .int64:
      array = try NDArray.makeInts(shape) {
        isRead = file.read(UnsafeMutableRawBufferPointer($0), at: offset)
      }
    case .float16:
      array = try NDArray.makeFloats(shape) {
        isRead = file.convert(at: offset, into: $0) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
      }
    case .bfloat16:
      array = try NDArray.makeFloats(shape) {
        isRead = file.convert(at: offset, into: $0) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16)
        }
      }
    case .bool, .uint8:
      array = try NDArray.makeInts(shape) {
        isRead = file.convert(at: offset, into: $0) { (value: UInt8) in Int(value) }
      }
    case .int8:
      array = try NDArray.makeInts(shape) {
        isRead = file.convert(at: offset, into: $0) { (value: Int8) in Int(value) }
      }
    case .int16:
      array = try NDArray.makeInts(shape) {
        isRead = file.convert(at: offset, into: $0) { (value: Int16) in Int(value) }
      }
    case .int32:
      array = try NDArray.makeInts(shape) {
        isRead = file.convert(at: offset, into: $0) { (value: Int32) in Int(value) }
      }
    }
    return isRead ? array : nil
  }
}

extension RegularFile {
  /// Reads stored elements in pieces and converts each; false if the file ends before.
  func convert<Stored: FixedWidthInteger, Element>(
    at offset: Int, into out: UnsafeMutableBufferPointer<Element>, _ conversion: (Stored) -> Element
  ) -> Bool {
    var piece = [Stored](repeating: 0, count: min(out.count, 1 << 14))
    var done = 0
    while done < out.count {
      let count = min(piece.count, out.count - done)
      let isRead = piece.withUnsafeMutableBytes {
        read(
          UnsafeMutableRawBufferPointer(rebasing: $0[0..<count * MemoryLayout<Stored>.stride]),
          at: offset + done * MemoryLayout<Stored>.stride)
      }
      guard isRead else { return false }
      for i in 0..<count { out[done + i] = conversion(Stored(littleEndian: piece[i])) }
      done += count
    }
    return true
  }
}
