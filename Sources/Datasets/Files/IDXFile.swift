import ArrayCore

/// The IDX format of MNIST: a type, a rank, sizes, and numbers, all big-endian; gzip or plain.
public enum IDXFile {
  /// Element types by their code in the file.
  private enum ElementType: UInt8 {
    case uint8 = 0x08
    case int8 = 0x09
    case int16 = 0x0B
    case int32 = 0x0C
    case float32 = 0x0D
    case float64 = 0x0E

    var byteSize: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }

    func number(_ bits: UInt64) -> Double {
      switch self {
      case .uint8: Double(bits)
      case .int8: Double(Int8(truncatingIfNeeded: bits))
      case .int16: Double(Int16(truncatingIfNeeded: bits))
      case .int32: Double(Int32(truncatingIfNeeded: bits))
      case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case .float64: Double(bitPattern: bits)
      }
    }
  }

  /// The numbers of a file, times `scale`.
  ///
  /// The sizes in the header are compared with the file's own before anything is allocated, and the numbers are
  /// converted piece by piece.
  ///
  /// - Parameters:
  ///   - path: the file; `.gz` is unpacked on the way.
  ///   - dtype: float32 or int64.
  ///   - scale: what every number is multiplied by.
  ///   - shape: what is expected of the header: nil for any size of an axis.
  /// - Throws: ``DatasetError/file(path:reason:)`` with the file's name and what was expected.
  public static func read(
    _ path: String, as dtype: DType = .float32, scale: Double = 1, expecting shape: [Int?]? = nil
  ) throws -> NDArray {
    func refuse(_ reason: String) -> DatasetError { .file(path: path, reason: reason) }
    let reader = try GzipReader(path)
    var magic = [UInt8](repeating: 0, count: 4)
    try magic.withUnsafeMutableBytes { try reader.read($0, "an IDX header") }
    guard magic[0] == 0, magic[1] == 0, let type = ElementType(rawValue: magic[2]) else {
      throw refuse(
        "it is no IDX file: it starts with \(magic.map { String($0, radix: 16) }.joined(separator: " "))")
    }
    let rank = Int(magic[3])
    guard (1...Shape.maximumRank).contains(rank) else { throw refuse("it has \(rank) axes") }
    var sizes: [Int] = []
    for _ in 0..<rank {
      var size: UInt32 = 0
      try withUnsafeMutableBytes(of: &size) { try reader.read($0, "\(rank) sizes") }
      sizes.append(Int(UInt32(bigEndian: size)))
    }
    let found = try Shape(sizes)
    if let shape {
      let fits = shape.count == rank && zip(shape, sizes).allSatisfy { $0 == nil || $0 == $1 }
      let words = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
      guard fits else { throw refuse("expected shape [\(words)], found \(found)") }
    }
    guard let count = try? found.checkedElementCount("IDX"),
      count <= (reader.largestContent - 4 - 4 * rank) / type.byteSize
    else { throw refuse("its header says \(found), more than the file can hold") }
    let words = "\(found) numbers"
    var failure: (any Error)?
    func fill<Element>(_ out: UnsafeMutableBufferPointer<Element>, _ conversion: (Double) -> Element) {
      do { try read(reader, type, into: out, words) { conversion($0 * scale) } } catch { failure = error }
    }
    let array =
      switch dtype {
      case .float32: try NDArray.makeFloats(found) { fill($0) { Float($0) } }
      case .float64: try NDArray.makeDoubles(found) { fill($0) { $0 } }
      case .int64: try NDArray.makeInts(found) { fill($0) { Int(exactly: $0.rounded()) ?? 0 } }
      }
    if let failure { throw failure }
    try reader.expectEnd(words)
    return array
  }

  /// Reads and converts numbers piece by piece.
  private static func read<Element>(
    _ reader: GzipReader, _ type: ElementType, into out: UnsafeMutableBufferPointer<Element>, _ words: String,
    _ conversion: (Double) -> Element
  ) throws {
    let width = type.byteSize
    var piece = [UInt8](repeating: 0, count: 1 << 15)
    var done = 0
    while done < out.count {
      let elements = min(out.count - done, piece.count / width)
      try piece.withUnsafeMutableBytes {
        try reader.read(UnsafeMutableRawBufferPointer(rebasing: $0[0..<elements * width]), words)
      }
      for i in 0..<elements {
        var bits: UInt64 = 0
        for byte in 0..<width { bits = bits << 8 | UInt64(piece[i * width + byte]) }
        out[done + i] = conversion(type.number(bits))
      }
      done += elements
    }
  }
}
