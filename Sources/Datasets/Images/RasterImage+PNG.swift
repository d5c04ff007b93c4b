import CPNG

extension RasterImage {
  init(png bytes: [UInt8], channels: Int, name: String) throws {
    // The decoder reads the bytes in both calls, so that they must stay in place between them.
    self = try bytes.withUnsafeBytes { try Self.decode($0, channels: channels, name: name) }
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, channels: Int, name: String
  ) throws -> RasterImage {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    func failure() -> DatasetError {
      let words = withUnsafeBytes(of: image.message) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      return .file(path: name, reason: "it is no PNG image that can be read: \(words)")
    }
    guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
      throw failure()
    }
    let (width, height) = (Int(image.width), Int(image.height))
    try checkSides(width, height, name: name)
    image.format = channels == 1 ? UInt32(PNG_FORMAT_GRAY) : UInt32(PNG_FORMAT_RGB)
    var pixels = [UInt8](repeating: 0, count: width * height * channels)
    guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else { throw failure() }
    return RasterImage(width: width, height: height, channels: channels, pixels: pixels)
  }
}
