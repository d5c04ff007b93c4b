import ArrayCore
import Autograd
import Synchronization

/// What images are brought to: squares of one size, grey or RGB.
struct ImageFormat: Sendable {
  /// Numbers of all images together.
  private static let limit = 1 << 34

  let size: Int
  let channels: Int
  /// The data set that asks, for errors.
  let type: String

  /// - Throws: ``DatasetError/argument(type:reason:)``.
  init(size: Int, channels: Int, of type: String) throws {
    guard (1...1024).contains(size) else {
      throw DatasetError.argument(type: type, reason: "imageSize is \(size), it must be 1...1024")
    }
    guard channels == 1 || channels == 3 else {
      throw DatasetError.argument(
        type: type, reason: "channels is \(channels), it must be 1 (grey) or 3 (red, green, blue)")
    }
    (self.size, self.channels, self.type) = (size, channels, type)
  }

  /// Numbers of an image.
  var numbers: Int { channels * size * size }

  /// Decodes and scales images in parallel: [count, channels, size, size], 0 to 1.
  ///
  /// - Parameters:
  ///   - open: gives what reads the image of a place; each part of the work asks for a reader of its own, so that a reader
  ///     may keep a file open.
  /// - Throws: what a reader throws; `cancelled` on an interrupt, `outOfMemory` when there is no room for the images.
  func stack(_ count: Int, open: () throws -> (_ place: Int) throws -> RasterImage) throws -> Tensor {
    let failure = Mutex<(any Error)?>(nil)
    let step = numbers
    guard count <= Self.limit / step else {
      throw DatasetError.argument(
        type: type,
        reason: "imageSize is \(size): \(count) images of it are more than \(Self.limit) numbers")
    }
    let units = min(8, count)
    let images = try NDArray.makeFloats([count, channels, size, size]) { numbers in
      guard let start = numbers.baseAddress else { return }
      ThreadPool.run(units: units) { unit in
        do {
          let read = try open()
          var scalers: [SIMD2<Int>: ImageScaler] = [:]
          for place in (count * unit / units)..<(count * (unit + 1) / units) {
            if failure.withLock({ $0 != nil }) { return }
            try Cancellation.check(type)
            let image = try read(place)
            let sides = SIMD2(image.width, image.height)
            // Photographs come in hundreds of sizes.
            if scalers.count > 64 { scalers = [:] }
            let scaler = scalers[sides] ?? ImageScaler(width: sides.x, height: sides.y, to: size)
            scalers[sides] = scaler
            scaler.scale(image, into: start + place * step)
          }
        } catch {
          failure.withLock { if $0 == nil { $0 = error } }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return Tensor(images)
  }
}
