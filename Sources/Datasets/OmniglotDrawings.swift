import Autograd

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
  private static let entryLimit = 1 << 20

  /// Decodes the drawings in parallel: [places, 1, size, size], 1 paper, 0 ink.
  ///
  /// - Throws: ``DatasetError`` with the drawing's name and what was expected of it.
  static func decode(_ places: [Place], _ format: ImageFormat) throws -> Tensor {
    try format.stack(places.count) {
      // An archive is of one thread: each part of the work has its own.
      var archives: [String: ZipArchive] = [:]
      return { number in
        let place = places[number]
        let archive = try archives[place.archive] ?? ZipArchive(place.archive)
        archives[place.archive] = archive
        let name = "\(archive.path)/\(place.entry.name)"
        let bytes = try archive.read(place.entry, limit: entryLimit)
        let image = try RasterImage(decoding: bytes, channels: 1, name: name)
        guard image.width == side, image.height == side else {
          throw DatasetError.file(
            path: name, reason: "it has \(image.width)×\(image.height) pixels, where 105×105 are expected")
        }
        return image
      }
    }
  }
}
