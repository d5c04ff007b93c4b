import ArrayCore
import Synchronization

/// Omniglot's drawings in its zip files: all of 105×105 pixels, black ink on white paper.
struct OmniglotDrawings {
  /// A drawing by its place in a zip file.
  struct Place: Sendable {
    /// The path of the zip file.
    let archive: String
    let entry: ZipArchive.Entry
  }

  private static let side = 105
  /// A drawing has some hundred bytes.
  static let entryLimit = 1 << 20
  /// Numbers of all images together.
  private static let pixelLimit = 1 << 30

  /// Decodes the drawings in parallel, shrunk to `size` pixels a side: size · size numbers each, 1 paper, 0 ink.
  ///
  /// - Parameter type: who asks, for errors.
  /// - Throws: ``DatasetError`` with the drawing's name and what was expected of it.
  static func decode(_ places: [Place], size: Int, type: String) throws -> [Float] {
    guard (1...1024).contains(size) else {
      throw DatasetError.argument(type: type, reason: "imageSize is \(size), it must be 1...1024")
    }
    guard places.count <= pixelLimit / (size * size) else {
      throw DatasetError.argument(
        type: type,
        reason: "imageSize is \(size): \(places.count) images of it are more than \(pixelLimit) pixels")
    }
    let scaler = ImageScaler(width: side, height: side, to: size)
    let failure = Mutex<(any Error)?>(nil)
    let units = min(8, places.count)
    var pixels = [Float](repeating: 0, count: places.count * size * size)
    try pixels.withUnsafeMutableBufferPointer { pixels in
      guard let start = pixels.baseAddress else { return }
      try ThreadPool.run(units: units, stopping: type) { unit in
        do {
          // An archive is of one thread: each part has its own.
          var archives: [String: ZipArchive] = [:]
          for number in (places.count * unit / units)..<(places.count * (unit + 1) / units) {
            let place = places[number]
            let archive = try archives[place.archive] ?? ZipArchive(place.archive)
            archives[place.archive] = archive
            scaler.scale(try image(place.entry, in: archive), into: start + number * size * size)
          }
        } catch {
          failure.withLock { if $0 == nil { $0 = error } }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return pixels
  }

  private static func image(_ entry: ZipArchive.Entry, in archive: ZipArchive) throws -> GreyImage {
    let name = "\(archive.path)/\(entry.name)"
    let image = try GreyImage(png: archive.read(entry, limit: entryLimit), name: name)
    guard image.width == side, image.height == side else {
      throw DatasetError.file(
        path: name, reason: "it has \(image.width)×\(image.height) pixels, where 105×105 are expected")
    }
    return image
  }
}
