/// Goes through a tar file, gzip or plain, from front to back. Nothing is unpacked, so that no name in it reaches the
/// file system. One thread.
final class TarReader {
  struct Entry {
    let name: String
    let size: Int
  }

  private let reader: GzipReader
  /// What of the current entry is not read yet, and what fills its last block.
  private var left = 0
  private var padding = 0

  init(_ path: String) throws { reader = try GzipReader(path) }

  var path: String { reader.path }

  /// The next regular file in it; nil at the end.
  func next() throws -> Entry? {
    while true {
      try skip(left + padding)
      (left, padding) = (0, 0)
      var header = [UInt8](repeating: 0, count: 512)
      try header.withUnsafeMutableBytes { try reader.read($0, "the header of a tar entry") }
      if header.allSatisfy({ $0 == 0 }) { return nil }
      // The sum of the header's bytes, its own place counted as spaces.
      let sum = header.enumerated().reduce(0) {
        $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
      }
      guard let size = Self.octal(header[124..<136]), Self.octal(header[148..<156]) == sum else {
        throw DatasetError.file(path: path, reason: "it is no tar file, or it is damaged")
      }
      left = size
      padding = (512 - size % 512) % 512
      // "0" and, in old files, a zero are regular files; others are folders, links and extensions.
      if header[156] == 48 || header[156] == 0 {
        let prefix = header[257..<262].elementsEqual("ustar".utf8) ? Self.text(header[345..<500]) : ""
        let name = Self.text(header[0..<100])
        return Entry(name: prefix.isEmpty ? name : "\(prefix)/\(name)", size: size)
      }
    }
  }

  /// Fills the buffer from the current entry.
  func read(_ buffer: UnsafeMutableRawBufferPointer, _ expectation: @autoclosure () -> String) throws {
    guard buffer.count <= left else {
      throw DatasetError.file(
        path: path, reason: "an entry ends too early: expected \(expectation())")
    }
    try reader.read(buffer, expectation())
    left -= buffer.count
  }

  private func skip(_ count: Int) throws {
    var piece = [UInt8](repeating: 0, count: min(count, 1 << 16))
    var count = count
    while count > 0 {
      let step = min(count, piece.count)
      try piece.withUnsafeMutableBytes {
        try reader.read(UnsafeMutableRawBufferPointer(rebasing: $0[0..<step]), "the rest of a tar entry")
      }
      count -= step
    }
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A number of at most eleven octal digits.
  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    Int(text(field).filter { $0 != " " }, radix: 8).flatMap { $0 >= 0 ? $0 : nil }
  }
}
