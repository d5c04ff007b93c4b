import Autograd

/// Images that are decoded when they are asked for.
public struct ImageStore: Sendable {
  public let count: Int
  let format: ImageFormat
  /// Gives what reads the image of a place.
  let open: @Sendable () throws -> (_ place: Int) throws -> RasterImage

  /// [count, channels, size, size]
  public var shape: [Int] { [count, format.channels, format.size, format.size] }

  /// How much memory all of them take as numbers.
  public var byteCount: Int {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: format.numbers * 4)
    return overflow ? .max : bytes
  }

  /// Decodes some of the images, in parallel: [places, channels, size, size], 0 to 1.
  ///
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func images(_ places: [Int]) throws -> Tensor {
    try format.stack(places.count) {
      let read = try open()
      return { try read(places[$0]) }
    }
  }

  /// Decodes all of them.
  func all() throws -> Tensor { try format.stack(count, open: open) }
}

/// Images of classes that have names, decoded when they are asked for.
public struct ClassImages: Sendable {
  public let images: ImageStore
  /// int64 [n]: the place of each image's class in `classes`.
  public let labels: Tensor
  public let classes: [String]

  init(_ images: ImageStore, labels: [Int], classes: [String]) throws {
    (self.images, self.labels, self.classes) = (images, try Tensor(labels), classes)
  }

  /// All of them in memory.
  public func loaded() throws -> ClassSamples {
    ClassSamples(inputs: try images.all(), labels: labels, classes: classes)
  }
}
