/// One hundred plant species' leaves (Mallah, Cope and Orwell 2013): 16 leaves of each species, each described by 64
/// numbers of its texture, margin or shape, from UCI's three text files.
///
/// The split is torchmeta's, 70 species to train, 15 to validate, 15 to test, by their numbers from 1 in alphabetical
/// order.
public struct Plants: Sendable {
  public enum Feature: String, Sendable {
    case texture = "Tex"
    case margin = "Mar"
    case shape = "Sha"
  }

  public let root: String
  public let feature: Feature

  /// - Parameters:
  ///   - root: the folder of `data_Tex_64.txt`, `data_Mar_64.txt` and `data_Sha_64.txt`.
  ///   - feature: which measurements.
  public init(root: String, feature: Feature) {
    self.root = root
    self.feature = feature
  }

  private static let classCount = 100
  private static let validation: Set = [10, 35, 38, 42, 46, 52, 60, 61, 62, 66, 77, 80, 85, 94, 98]
  private static let test: Set = [3, 21, 27, 28, 55, 56, 63, 73, 76, 83, 87, 88, 91, 92, 100]

  private static func split(of number: Int) -> ClassSplit {
    validation.contains(number) ? .val : test.contains(number) ? .test : .train
  }

  /// Reads the rows of a split, [n, 64].
  ///
  /// - Parameters:
  ///   - split: which part of the classes.
  ///   - normalize: brings each feature to mean 0 and standard deviation 1 over the training species.
  /// - Throws: ``DatasetError/file(path:reason:)``.
  public func load(_ split: ClassSplit, normalize: Bool = false) throws -> ClassSamples {
    let path = "\(root)/data_\(feature.rawValue)_64.txt"
    // The texture of one leaf is missing.
    let table = try LabelledTable(path, columns: 64, rows: feature == .texture ? 1599 : 1600)
    let species = Set(table.labels).sorted()
    guard species.count == Self.classCount else {
      throw DatasetError.file(
        path: path, reason: "it has \(species.count) species, where \(Self.classCount) are expected")
    }
    func names(_ split: ClassSplit) -> [String] {
      species.enumerated().filter { Self.split(of: $0.offset + 1) == split }.map(\.element)
    }
    return try table.samples(of: names(split), normalizedBy: normalize ? Set(names(.train)) : nil)
  }
}
