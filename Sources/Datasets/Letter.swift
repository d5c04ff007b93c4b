/// Letter recognition (Frey and Slate 1991): 20,000 distorted capital letters, each described by 16 whole numbers from 0
/// to 15, from UCI's `letter-recognition.data`.
///
/// The split is torchmeta's: 15 letters train, 5 validate, 6 test.
public struct Letter: Sendable {
  public let root: String

  /// - Parameter root: the folder of `letter-recognition.data`.
  public init(root: String) { self.root = root }

  private static let letters: [ClassSplit: String] = [
    .train: "ABCDEFIJLMNPQXY", .val: "RSVWZ", .test: "GHKOTU",
  ]

  /// Reads the rows of a split, [n, 16].
  ///
  /// - Parameters:
  ///   - split: which part of the classes.
  ///   - normalize: brings each feature to mean 0 and standard deviation 1 over the training letters.
  /// - Throws: ``DatasetError/file(path:reason:)``.
  public func load(_ split: ClassSplit, normalize: Bool = false) throws -> ClassSamples {
    let path = "\(root)/letter-recognition.data"
    let table = try LabelledTable(path, columns: 16, rows: 20_000)
    let all = Self.letters.mapValues { $0.map { String($0) } }
    guard Set(table.labels) == Set(all.values.joined()) else {
      throw DatasetError.file(path: path, reason: "the 26 capital letters are expected as its classes")
    }
    return try table.samples(of: all[split] ?? [], normalizedBy: normalize ? Set(all[.train] ?? []) : nil)
  }
}
