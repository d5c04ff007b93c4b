import Foundation

/// Small PNG images for tests, stored without compression.
public enum PNGFile {
  /// - Parameters:
  ///   - channels: 1 grey, 3 RGB.
  ///   - pixels: row by row, the channels of a pixel beside each other.
  public static func data(width: Int, height: Int, channels: Int, pixels: [UInt8]) -> Data {
    var header = word(width) + word(height)
    header += [8, channels == 1 ? 0 : 2, 0, 0, 0]
    var rows: [UInt8] = []
    for row in 0..<height {
      rows.append(0)
      rows += pixels[(row * width * channels)..<((row + 1) * width * channels)]
    }
    var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    data += chunk("IHDR", header) + chunk("IDAT", stored(rows)) + chunk("IEND", [])
    return data
  }

  /// A square of one colour.
  public static func square(_ side: Int, _ colour: [UInt8]) -> Data {
    data(
      width: side, height: side, channels: colour.count,
      pixels: (0..<side * side).flatMap { _ in colour })
  }

  /// Writes images by path under a folder, which is made with those between.
  public static func write(_ images: [String: Data], in folder: String) throws {
    for (path, data) in images {
      let url = URL(fileURLWithPath: "\(folder)/\(path)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: url)
    }
  }

  private static func word(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
  }

  private static func chunk(_ kind: String, _ content: [UInt8]) -> Data {
    let body = Array(kind.utf8) + content
    return Data(word(content.count) + body + word(Int(crc(body))))
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  /// A zlib stream of blocks that are not compressed.
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes { (a, b) = ((a + UInt32(byte)) % 65521, (b + (a + UInt32(byte)) % 65521) % 65521) }
    for start in stride(from: 0, to: bytes.count, by: 65535) {
      let part = bytes[start..<min(start + 65535, bytes.count)]
      let count = UInt16(part.count)
      stream.append(start + part.count == bytes.count ? 1 : 0)
      stream += [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
      stream += part
    }
    return stream + word(Int(b << 16 | a))
  }
}
