import Autograd

/// CIFAR-100 (Krizhevsky 2009): 100 classes in 20 superclasses, 600 colour images of 32×32 of each class, read from the
/// official binary files or from the archive that holds them; with the splits CIFAR-FS and FC100.
public struct CIFAR100: Sendable {
  public let root: String

  /// - Parameter root: the folder of `train.bin` and `test.bin`, of the folder `cifar-100-binary` with them, or of
  ///   `cifar-100-binary.tar.gz`.
  public init(root: String) { self.root = root }

  /// Published ways to split the classes.
  public enum Benchmark: Sendable {
    /// 64 classes to train, 16 to validate, 20 to test: CIFAR-FS (Bertinetto, Henriques, Torr and Vedaldi 2019).
    case cifarFS
    /// 60, 20 and 20 classes, by superclasses: FC100 (Oreshkin, Rodríguez López and Lacoste 2018).
    case fc100
  }

  private static let side = 32
  private static let channels = 3
  private static let pixels = channels * side * side
  /// A superclass, a class, and the planes red, green, blue.
  private static let record = 2 + pixels
  /// Of each class, in both files together.
  private static let perClass = 600
  private static let files: KeyValuePairs = ["train.bin": 50_000, "test.bin": 10_000]

  /// The images of a split, scaled to `size` pixels a side: [600 · classes, 3, size, size], 0 to 1.
  ///
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func images(_ benchmark: Benchmark, _ split: ClassSplit, size: Int = 32) throws -> ClassImages {
    let format = try ImageFormat(size: size, channels: Self.channels, of: "CIFAR100")
    let classes = try contents(Self.members(benchmark, split))
    let images = ImageStore(count: Self.perClass * classes.count, format: format) {
      { place in
        let planes = classes[place / Self.perClass].planes
        let start = place % Self.perClass * Self.pixels
        return RasterImage(
          planes: planes[start..<(start + Self.pixels)], width: Self.side, height: Self.side)
      }
    }
    let labels = classes.indices.flatMap { repeatElement($0, count: Self.perClass) }
    return try ClassImages(
      images, labels: labels, classes: classes.map { Self.fineNames[$0.number] })
  }

  /// Whether a class of a superclass, by their numbers, is in a split.
  private static func members(
    _ benchmark: Benchmark, _ split: ClassSplit
  ) -> @Sendable (_ coarse: Int, _ fine: Int) -> Bool {
    let names = benchmark == .fc100 ? coarseNames : fineNames
    let (validation, test) =
      benchmark == .fc100 ? (fc100Validation, fc100Test) : (cifarFSValidation, cifarFSTest)
    let chosen =
      switch split {
      case .train: Set(names).subtracting(validation + test)
      case .val: Set(validation)
      case .test: Set(test)
      }
    return { coarse, fine in chosen.contains(names[benchmark == .fc100 ? coarse : fine]) }
  }

  /// A class's images behind each other, each as planes.
  private struct Found: Sendable {
    let number: Int
    var planes: [UInt8] = []
  }

  /// The chosen classes in the order of their numbers.
  private func contents(_ isChosen: (Int, Int) -> Bool) throws -> [Found] {
    var found: [Int: Found] = [:]
    try records { path, record in
      let (coarse, fine) = (Int(record[0]), Int(record[1]))
      guard coarse < Self.coarseNames.count, fine < Self.fineNames.count else {
        throw DatasetError.file(
          path: path,
          reason:
            "it has an image of class \(fine) in superclass \(coarse), where 0...99 in 0...19 are expected")
      }
      if isChosen(coarse, fine) { found[fine, default: Found(number: fine)].planes += record[2...] }
    }
    let sorted = found.values.sorted { $0.number < $1.number }
    for own in sorted where own.planes.count != Self.perClass * Self.pixels {
      throw DatasetError.file(
        path: root,
        reason:
          "it has \(own.planes.count / Self.pixels) images of \(Self.fineNames[own.number]), where \(Self.perClass) are expected"
      )
    }
    return sorted
  }

  /// Goes through the records of both files.
  private func records(_ body: (_ path: String, _ record: ArraySlice<UInt8>) throws -> Void) throws {
    let folders = [root, "\(root)/cifar-100-binary"]
    if let folder = folders.first(where: { Folder.exists("\($0)/train.bin") }) {
      for (name, count) in Self.files {
        let reader = try GzipReader("\(folder)/\(name)")
        try Self.read(count, of: reader.path, with: reader.read, body)
        try reader.expectEnd("\(count) images")
      }
      return
    }
    let archive = try TarReader("\(root)/cifar-100-binary.tar.gz")
    var missing = Dictionary(uniqueKeysWithValues: Self.files.map { ($0.key, $0.value) })
    while !missing.isEmpty, let entry = try archive.next() {
      let name = entry.name.split(separator: "/").last.map(String.init) ?? ""
      guard let count = missing.removeValue(forKey: name) else { continue }
      let path = "\(archive.path)/\(entry.name)"
      guard entry.size == count * Self.record else {
        throw DatasetError.file(
          path: path, reason: "it has \(entry.size) bytes, where \(count * Self.record) are expected")
      }
      try Self.read(count, of: path, with: archive.read, body)
    }
    guard missing.isEmpty else {
      throw DatasetError.file(
        path: archive.path,
        reason: "\(missing.keys.sorted().joined(separator: " and ")) is expected in it, and is not there")
    }
  }

  private static func read(
    _ count: Int, of path: String,
    with read: (UnsafeMutableRawBufferPointer, @autoclosure () -> String) throws -> Void,
    _ body: (String, ArraySlice<UInt8>) throws -> Void
  ) throws {
    var bytes = [UInt8](repeating: 0, count: record)
    for _ in 0..<count {
      try bytes.withUnsafeMutableBytes { try read($0, "\(count) images of \(record) bytes") }
      try body(path, bytes[...])
    }
  }
}
