import Autograd

/// A folder of class folders with PNG or JPEG images in them, or of the parts `train`, `val` and `test`, each with class
/// folders of its own.
public struct ImageFolder: Sendable {
  public let root: String
  /// Whether the folder says which classes are for training, validation and testing.
  public let hasParts: Bool

  /// - Throws: ``DatasetError/file(path:reason:)`` when there is no such folder, or nothing in it.
  public init(root: String) throws {
    let folders = try Folder.folders(in: root)
    guard !folders.isEmpty else {
      throw DatasetError.file(path: root, reason: "a folder for each class is expected, and there is none")
    }
    self.root = root
    hasParts = folders.contains("train") && Set(folders).isSubset(of: ["train", "val", "test"])
  }

  private func folder(_ part: ClassSplit?) -> String {
    hasParts ? "\(root)/\((part ?? .train).rawValue)" : root
  }

  /// The classes in alphabetical order.
  ///
  /// - Parameter part: which part, of a folder that has them.
  public func classes(_ part: ClassSplit? = nil) throws -> [String] { try Folder.folders(in: folder(part)) }

  /// The images, scaled to `size` pixels a side and to grey or RGB.
  ///
  /// - Parameters:
  ///   - part: a split; nil for all.
  ///   - classes: those to read; nil for all.
  ///   - size: pixels a side.
  ///   - channels: 1 or 3.
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func images(
    _ part: ClassSplit? = nil, classes: [String]? = nil, size: Int, channels: Int = 3
  ) throws -> ClassImages {
    try ImageFiles(in: folder(part), classes: classes ?? self.classes(part)).images(
      ImageFormat(size: size, channels: channels, of: "ImageFolder"))
  }
}

/// The image files of some class folders.
struct ImageFiles {
  let classes: [String]
  private let paths: [String]
  private let labels: [Int]

  /// - Throws: ``DatasetError/file(path:reason:)`` for a class without images.
  init(in folder: String, classes: [String]) throws {
    var (paths, labels): ([String], [Int]) = ([], [])
    for (label, name) in classes.enumerated() {
      let images = try Folder.images(in: "\(folder)/\(name)")
      guard !images.isEmpty else {
        throw DatasetError.file(
          path: "\(folder)/\(name)", reason: "PNG or JPEG images are expected in it, and there are none")
      }
      paths += images.map { "\(folder)/\(name)/\($0)" }
      labels += repeatElement(label, count: images.count)
    }
    (self.classes, self.paths, self.labels) = (classes, paths, labels)
  }

  func images(_ format: ImageFormat) throws -> ClassImages {
    let paths = paths
    let store = ImageStore(count: paths.count, format: format) {
      { place in
        let bytes = try RegularFile.read(paths[place], limit: RasterImage.fileLimit)
        return try RasterImage(decoding: bytes, channels: format.channels, name: paths[place])
      }
    }
    return try ClassImages(store, labels: labels, classes: classes)
  }
}
