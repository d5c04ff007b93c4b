import Autograd

/// DoubleMNIST and TripleMNIST (Sun 2019, "Multi-digit MNIST for Few-shot Learning"): a class is a number of two or three
/// digits, 1,000 images of each, read from the official zip file or from the folder it unpacks to.
public struct MultiDigitMNIST: Sendable {
  public enum Digits: Int, Sendable {
    case two = 2
    case three = 3
  }

  public let root: String
  public let digits: Digits

  /// - Parameters:
  ///   - root: the folder of the zip file, of the folder it unpacks to, or of `train`, `val` and `test`.
  ///   - digits: two or three.
  public init(root: String, digits: Digits) {
    self.root = root
    self.digits = digits
  }

  /// The name of the official zip file, and of the folder in it.
  private var name: String {
    digits == .two ? "double_mnist_seed_123_image_size_64_64" : "triple_mnist_seed_123_image_size_84_84"
  }

  /// 64, 16 and 20 of a hundred classes, or of a thousand ten times as many.
  private func classCount(_ split: ClassSplit) -> Int {
    let ofHundred =
      switch split {
      case .train: 64
      case .val: 16
      case .test: 20
      }
    return digits == .two ? ofHundred : 10 * ofHundred
  }

  /// The images of a split, scaled to `size` pixels a side: [n, 1, size, size], 0 paper to 1 ink.
  ///
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func images(_ split: ClassSplit, size: Int) throws -> ClassImages {
    let format = try ImageFormat(size: size, channels: 1, of: "MultiDigitMNIST")
    for folder in [root, "\(root)/\(name)"] where Folder.exists("\(folder)/\(split.rawValue)") {
      let part = "\(folder)/\(split.rawValue)"
      let classes = try Folder.folders(in: part)
      try check(classes, split, path: part)
      return try ImageFiles(in: part, classes: classes).images(format)
    }
    let path = "\(root)/\(name).zip"
    let images = try ZipImages(path) { folders in
      folders.count == 3 && folders[0] == name && folders[1] == split.rawValue ? folders[2] : nil
    }
    try check(images.classes, split, path: path)
    return try images.images(format)
  }

  private func check(_ classes: [String], _ split: ClassSplit, path: String) throws {
    let isNumber = { (name: String) in
      name.utf8.count == digits.rawValue && name.utf8.allSatisfy { (48...57).contains($0) }
    }
    guard classes.count == classCount(split), classes.allSatisfy(isNumber) else {
      throw DatasetError.file(
        path: path,
        reason:
          "\(classCount(split)) numbers of \(digits.rawValue) digits are expected in \(split.rawValue)/, and it has \(classes.count) classes"
      )
    }
  }
}

/// The PNG and JPEG images of a zip file by class.
private struct ZipImages: Sendable {
  let classes: [String]
  private let path: String
  private let entries: [ZipArchive.Entry]
  private let labels: [Int]

  /// - Parameter classOf: the class of an image by the folders that it is in; nil for images of no interest.
  init(_ path: String, classOf: (_ folders: [String]) -> String?) throws {
    var found: [String: [ZipArchive.Entry]] = [:]
    for entry in try ZipArchive(path).entries() where entry.name.hasSuffix(".png") {
      let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      if let name = classOf(parts.dropLast()) { found[name, default: []].append(entry) }
    }
    let sorted = found.sorted { $0.key < $1.key }
    self.path = path
    classes = sorted.map(\.key)
    entries = sorted.flatMap { $0.value.sorted { $0.name < $1.name } }
    labels = sorted.enumerated().flatMap { repeatElement($0.offset, count: $0.element.value.count) }
  }

  func images(_ format: ImageFormat) throws -> ClassImages {
    let store = ImageStore(count: entries.count, format: format) {
      let archive = try ZipArchive(path)
      return { place in
        let bytes = try archive.read(entries[place], limit: RasterImage.fileLimit)
        return try RasterImage(
          decoding: bytes, channels: format.channels, name: "\(path)/\(entries[place].name)")
      }
    }
    return try ClassImages(store, labels: labels, classes: classes)
  }
}
