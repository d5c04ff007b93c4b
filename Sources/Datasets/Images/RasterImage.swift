/// A decoded image of 8 bits a channel, row by row, the channels of a pixel beside each other.
///
/// One channel is grey, 0 black to 255 white; three are red, green and blue.
struct RasterImage {
  let width: Int
  let height: Int
  let channels: Int
  let pixels: [UInt8]

  /// Images with a longer side are refused before anything is decoded.
  static let sideLimit = 1 << 13
  /// The most bytes that the file of an image may have.
  static let fileLimit = 1 << 26

  /// Decodes a PNG or JPEG image, whichever its first bytes say, to grey or to RGB. What is transparent becomes black.
  ///
  /// - Parameters:
  ///   - channels: 1 or 3.
  ///   - name: that of the file, for errors.
  /// - Throws: ``DatasetError/file(path:reason:)`` with the name given.
  init(decoding bytes: [UInt8], channels: Int, name: String) throws {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      try self.init(png: bytes, channels: channels, name: name)
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      try self.init(jpeg: bytes, channels: channels, name: name)
    } else {
      throw DatasetError.file(path: name, reason: "it is neither a PNG nor a JPEG image")
    }
  }

  init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// An image of planes behind each other, as many as the bytes fill.
  init(planes: ArraySlice<UInt8>, width: Int, height: Int) {
    let (plane, start) = (width * height, planes.startIndex)
    let channels = planes.count / plane
    var pixels = [UInt8](repeating: 0, count: planes.count)
    for channel in 0..<channels {
      for place in 0..<plane { pixels[place * channels + channel] = planes[start + channel * plane + place] }
    }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// Refuses an image that is too large to decode.
  static func checkSides(_ width: Int, _ height: Int, name: String) throws {
    guard (1...sideLimit).contains(width), (1...sideLimit).contains(height) else {
      throw DatasetError.file(
        path: name,
        reason: "it says it has \(width)×\(height) pixels, where 1 to \(sideLimit) a side are expected")
    }
  }
}
