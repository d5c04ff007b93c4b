/// The plain data of a Python pickle: numbers, text, bytes, lists, tuples, dictionaries and numpy's arrays of whole
/// numbers, in protocols 1 to 5.
///
/// A pickle is a program for a small stack machine that can call any function of Python. Here it can call none: what would
/// make numpy's arrays makes ours, and any other name refuses the file. The data of an array stays in the file until it is
/// looked at.
struct Pickle {
  let file: MappedFile
  let root: PickleValue
  let lists: [[PickleValue]]
  let dictionaries: [[(key: PickleValue, value: PickleValue)]]
  let arrays: [PickleValue.NumberArray]
  let types: [PickleValue.NumberType]

  /// - Throws: ``DatasetError/file(path:reason:)`` when it is cut off, no pickle, or holds anything else.
  init(_ path: String) throws {
    file = try MappedFile(path)
    var machine = PickleMachine(file)
    root = try machine.run()
    (lists, dictionaries, arrays) = (machine.lists, machine.dictionaries, machine.arrays)
    types = machine.types
  }

  /// Refuses the file.
  func refuse(_ reason: String) -> DatasetError { .file(path: file.path, reason: reason) }

  /// What a dictionary has under a name.
  func member(_ name: String, of value: PickleValue) -> PickleValue? {
    guard case .dictionary(let place) = value else { return nil }
    return dictionaries[place].last { text($0.key) == name }?.value
  }

  /// Text, or bytes that are text, as Python 2 writes it.
  func text(_ value: PickleValue) -> String? {
    switch value {
    case .text(let place): String(decoding: file.bytes[place], as: UTF8.self)
    case .bytes(let bytes) where !bytes.isText: String(decoding: file.bytes[bytes.place], as: UTF8.self)
    default: nil
    }
  }

  /// The elements of a list or tuple.
  func elements(_ value: PickleValue) -> [PickleValue]? {
    guard case .list(let place) = value else { return nil }
    return lists[place]
  }

  /// Whole numbers of a list, or of an array of one axis.
  func integers(_ value: PickleValue) throws -> [Int]? {
    if let elements = elements(value) {
      let numbers = elements.compactMap { element -> Int? in
        if case .int(let number) = element { number } else { nil }
      }
      return numbers.count == elements.count ? numbers : nil
    }
    guard let type = type(of: value), let bytes = try bytes(of: value) else { return nil }
    let numbers = stride(from: 0, to: bytes.count, by: type.size).compactMap {
      type.number(bytes[$0..<($0 + type.size)])
    }
    return numbers.count * type.size == bytes.count ? numbers : nil
  }

  private func type(of value: PickleValue) -> PickleValue.NumberType? {
    guard case .array(let place) = value else { return nil }
    return arrays[place].type.map { types[$0] }
  }

  /// The shape of an array of bytes (0 to 255), row by row; nil for any other value.
  func byteShape(_ value: PickleValue) -> [Int]? {
    guard case .array(let place) = value, let type = type(of: value), type.size == 1,
      type.kind == UInt8(ascii: "u"), !arrays[place].isColumnMajor || arrays[place].shape.count < 2
    else { return nil }
    return arrays[place].shape
  }

  /// The bytes of an array, as many as its shape says.
  func bytes(of value: PickleValue) throws -> [UInt8]? {
    guard case .array(let place) = value, let type = type(of: value) else { return nil }
    let array = arrays[place]
    var expected = type.size
    for size in array.shape {
      let (product, overflow) = expected.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { return nil }
      expected = product
    }
    let raw = try file.read(array.bytes.place)
    guard array.bytes.isText else { return raw.count == expected ? raw : nil }
    return Self.characters(raw, count: expected)
  }

  /// The characters of UTF-8 text, each of which is a byte; nil if one is not, or there are more or fewer.
  private static func characters(_ text: [UInt8], count: Int) -> [UInt8]? {
    guard count <= text.count else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var place = text.startIndex
    while place < text.endIndex {
      let byte = text[place]
      if byte < 0x80 {
        bytes.append(byte)
        place += 1
      } else {
        guard byte & 0xFC == 0xC0, place + 1 < text.endIndex, text[place + 1] & 0xC0 == 0x80 else {
          return nil
        }
        bytes.append(byte << 6 | text[place + 1] & 0x3F)
        place += 2
      }
    }
    return bytes.count == count ? bytes : nil
  }
}
