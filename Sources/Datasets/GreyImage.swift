import CPNG

/// A grey image, 0 black to 255 white, row by row.
struct GreyImage {
  let width: Int
  let height: Int
  let pixels: [UInt8]

  /// Sides longer than this are refused before anything is decoded.
  static let sideLimit = 1 << 13

  /// Decodes a PNG; colours become grey.
  ///
  /// - Throws: ``DatasetError/file(path:reason:)`` with the name given.
  init(png bytes: [UInt8], name: String) throws {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    func failure() -> DatasetError {
      let words = withUnsafeBytes(of: image.message) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      return .file(path: name, reason: "it is no PNG image that can be read: \(words)")
    }
    guard png_image_begin_read_from_memory(&image, bytes, bytes.count) != 0 else { throw failure() }
    guard image.width <= Self.sideLimit, image.height <= Self.sideLimit else {
      throw DatasetError.file(
        path: name, reason: "\(image.width)×\(image.height) pixels are more than \(Self.sideLimit) a side")
    }
    image.format = UInt32(PNG_FORMAT_GRAY)
    (width, height) = (Int(image.width), Int(image.height))
    var pixels = [UInt8](repeating: 0, count: width * height)
    guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else { throw failure() }
    self.pixels = pixels
  }
}

/// Shrinks or enlarges images of one size to another with a triangle filter as wide as the step between pixels, as PIL's
/// `BILINEAR` does (without its rounding in between).
struct ImageScaler {
  /// What an output place takes from the input: consecutive places and their weights.
  private struct Taps {
    let start: Int
    let weights: [Float]
  }

  private let columns: [Taps]
  private let rows: [Taps]
  let width: Int
  let height: Int
  let size: Int

  init(width: Int, height: Int, to size: Int) {
    self.width = width
    self.height = height
    self.size = size
    columns = Self.taps(width, size)
    rows = Self.taps(height, size)
  }

  private static func taps(_ count: Int, _ size: Int) -> [Taps] {
    let scale = Double(count) / Double(size)
    let reach = max(scale, 1)
    return (0..<size).map { place in
      let centre = (Double(place) + 0.5) * scale
      let first = max(0, Int((centre - reach + 0.5).rounded(.down)))
      let last = min(count, Int((centre + reach + 0.5).rounded(.down)))
      let weights = (first..<max(last, first + 1)).map {
        max(0, 1 - abs((Double($0) + 0.5 - centre) / reach))
      }
      let sum = weights.reduce(0, +)
      return Taps(start: first, weights: weights.map { Float($0 / (sum > 0 ? sum : 1)) })
    }
  }

  /// Writes the image's size × size numbers, 0 to 1. The image has the scaler's width and height.
  func scale(_ image: GreyImage, into output: UnsafeMutablePointer<Float>) {
    var narrow = [Float](repeating: 0, count: height * size)
    image.pixels.withUnsafeBufferPointer { pixels in
      narrow.withUnsafeMutableBufferPointer { narrow in
        for row in 0..<height {
          for (column, taps) in columns.enumerated() {
            var sum: Float = 0
            for (offset, weight) in taps.weights.enumerated() {
              sum += weight * Float(pixels[row * width + taps.start + offset])
            }
            narrow[row * size + column] = sum
          }
        }
      }
    }
    for (row, taps) in rows.enumerated() {
      for column in 0..<size {
        var sum: Float = 0
        for (offset, weight) in taps.weights.enumerated() {
          sum += weight * narrow[(taps.start + offset) * size + column]
        }
        output[row * size + column] = sum / 255
      }
    }
  }
}
