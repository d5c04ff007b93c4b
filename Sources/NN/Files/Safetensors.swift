import ArrayCore
import Autograd
import OrderedCollections

/// The tensors of a safetensors file by name.
///
/// F32, F64 and I64 are read as they are; F16 and BF16 become float32, smaller integers and BOOL int64. The
/// header is checked before anything is allocated: sizes, types, and that the tensors fill the file without holes
/// or overlaps.
///
/// - Throws: ``NNError/file(path:reason:)``.
public func loadTensors(_ path: String) throws -> NamedTensors {
  try loadTensorsWithMetadata(path).tensors
}

/// The tensors and the string metadata of a safetensors file.
public func loadTensorsWithMetadata(
  _ path: String
) throws -> (tensors: NamedTensors, metadata: OrderedDictionary<String, String>) {
  let file = try RegularFile(reading: path)
  func refuse(_ reason: String) -> NNError { .file(path: path, reason: reason) }
  guard file.size >= 8 else { throw refuse("it is too short to be a safetensors file (\(file.size) bytes)") }
  var length: UInt64 = 0
  guard withUnsafeMutableBytes(of: &length, { file.read($0, at: 0) }) else {
    throw refuse("it cannot be read")
  }
  length = UInt64(littleEndian: length)
  guard length >= 2, length <= UInt64(file.size - 8), length <= 100_000_000 else {
    throw refuse("it is no safetensors file: a header of \(length) bytes in a file of \(file.size)")
  }
  var bytes = [UInt8](repeating: 0, count: Int(length))
  guard bytes.withUnsafeMutableBytes({ file.read($0, at: 8) }) else { throw refuse("it cannot be read") }
  let header: SafetensorsHeader
  do { header = try SafetensorsHeader(parsing: bytes) } catch { throw refuse(error.reason) }
  let base = 8 + Int(length)
  let shapes = try checkedShapes(header, dataSize: file.size - base, path: path)
  var tensors: NamedTensors = [:]
  for (name, entry) in header.entries {
    guard let shape = shapes[name], let type = StoredType(rawValue: entry.dtype) else { continue }
    guard let array = try type.read(file, at: base + entry.start, shape: shape) else {
      throw refuse("\"\(name)\" cannot be read")
    }
    tensors[name] = Tensor(array)
  }
  return (tensors, header.metadata)
}

/// Every tensor's shape, after comparing sizes with places, and places with the file.
private func checkedShapes(
  _ header: SafetensorsHeader, dataSize: Int, path: String
) throws -> [String: Shape] {
  var shapes: [String: Shape] = [:]
  for (name, entry) in header.entries {
    func refuse(_ reason: String) -> NNError { .file(path: path, reason: "\"\(name)\" \(reason)") }
    guard let type = StoredType(rawValue: entry.dtype) else {
      throw refuse("has dtype \(entry.dtype), which is not read")
    }
    guard entry.shape.count <= Shape.maximumRank else { throw refuse("has \(entry.shape.count) axes") }
    let shape = try Shape(entry.shape)
    let count: Int
    do { count = try shape.checkedElementCount("loadTensors") } catch {
      throw refuse("has an impossible shape \(shape)")
    }
    let (size, overflow) = count.multipliedReportingOverflow(by: type.byteSize)
    guard !overflow, size == entry.end - entry.start else {
      throw refuse("has shape \(shape) of \(entry.dtype), but \(entry.end - entry.start) bytes")
    }
    shapes[name] = shape
  }
  var end = 0
  for (name, entry) in header.entries.sorted(by: {
    ($0.value.start, $0.value.end) < ($1.value.start, $1.value.end)
  }) {
    guard entry.start == end else {
      throw NNError.file(path: path, reason: "\"\(name)\" starts at byte \(entry.start) instead of \(end)")
    }
    end = entry.end
  }
  guard end == dataSize else {
    throw NNError.file(path: path, reason: "the tensors take \(end) bytes, but the file has \(dataSize)")
  }
  return shapes
}

/// Writes a safetensors file, atomically, with the alignment and order of Python's library: the header is padded
/// with spaces to eight bytes, and wider types come first.
public func saveTensors(
  _ tensors: NamedTensors, _ path: String, metadata: OrderedDictionary<String, String> = [:]
) throws {
  try saveTensors(tensors, lists: [:], path, metadata: metadata)
}

/// The same with lists of numbers, which become float64 tensors of one dimension. They are written from where they lie: a
/// list that is longer in each file leaves no memory behind for the sizes that it had.
package func saveTensors(
  _ tensors: NamedTensors, lists: [String: [Double]], _ path: String,
  metadata: OrderedDictionary<String, String> = [:]
) throws {
  var entries = lists.map { Entry(name: $0, shape: [$1.count], dtype: .float64, values: .list($1)) }
  for (name, tensor) in tensors {
    guard tensor.taskCount == nil else { throw TensorError("saveTensors", .needsTaskLoop) }
    entries.append(
      Entry(name: name, shape: Array(tensor.shape), dtype: tensor.dtype, values: .array(tensor.array)))
  }
  entries.sort { $0.rank == $1.rank ? $0.name < $1.name : $0.rank > $1.rank }
  var parts: [String] = []
  if !metadata.isEmpty {
    parts.append(
      "\"__metadata__\":{" + metadata.map { "\(quoted($0)):\(quoted($1))" }.joined(separator: ",") + "}")
  }
  var offset = 0
  for entry in entries {
    let end = offset + entry.shape.reduce(1, *) * entry.dtype.byteSize
    let shape = entry.shape.map(String.init).joined(separator: ",")
    parts.append(
      "\(quoted(entry.name)):{\"dtype\":\"\(StoredType(entry.dtype).rawValue)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(offset),\(end)]}")
    offset = end
  }
  var header = Array(("{" + parts.joined(separator: ",") + "}").utf8)
  header.append(contentsOf: repeatElement(0x20, count: (8 - header.count % 8) % 8))
  try writeAtomically(path) { write in
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try write($0) }
    try header.withUnsafeBytes { try write($0) }
    for entry in entries { try entry.write(write) }
  }
}

/// What becomes one tensor of a file.
private struct Entry {
  enum Values {
    case array(NDArray)
    case list([Double])
  }

  let name: String
  let shape: [Int]
  let dtype: DType
  let values: Values

  /// The order of types in the file: that of the format's own enumeration, the last first.
  var rank: Int {
    switch dtype {
    case .int64: 2
    case .float64: 1
    case .float32: 0
    }
  }

  func write(_ write: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch values {
    case .list(let list): try list.withUnsafeBytes { try write($0) }
    case .array(let array):
      switch dtype {
      case .float32:
        try array.withFloats { bytes in Result { try write(UnsafeRawBufferPointer(bytes)) } }.get()
      case .float64:
        try array.withDoubles { bytes in Result { try write(UnsafeRawBufferPointer(bytes)) } }.get()
      case .int64: try array.withInts { bytes in Result { try write(UnsafeRawBufferPointer(bytes)) } }.get()
      }
    }
  }
}

/// A JSON string.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
