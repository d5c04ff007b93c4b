import ArrayCore
import Autograd

/// Omniglot's one-shot classification challenge (Lake, Salakhutdinov and Tenenbaum 2015): 20 runs of 20 characters each,
/// all of one alphabet of the evaluation set, with one drawing of each character to learn from and 20 drawings by
/// another hand to tell apart. The published figure is the share of wrong answers among the 400.
///
/// The runs are those of the official `all_runs.zip`, read without unpacking it. What is measured on them must have
/// learned from the background set alone: ``Omniglot`` without Vinyals's split.
public struct OmniglotChallenge: Sendable {
  /// One run: a task of 20 ways and one shot.
  public struct Run: Sendable {
    /// The drawings `class01` to `class20`, labels 0 to 19. Images [20, 1, size, size]: 1 paper, 0 ink.
    public let training: LabelledImages
    /// The drawings `item01` to `item20` with the labels that `class_labels.txt` tells.
    public let test: LabelledImages
  }

  public let root: String

  /// - Parameter root: the folder with `all_runs.zip`.
  public init(root: String) { self.root = root }

  /// How many runs there are, and characters and test drawings in each.
  public static let count = 20
  private static let ways = 20
  private static let labelsLimit = 1 << 16

  private var path: String { "\(root)/all_runs.zip" }

  /// Reads the runs, their drawings shrunk to `size` pixels a side.
  ///
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func load(size: Int = 28) throws -> [Run] {
    let format = try ImageFormat(size: size, channels: 1, of: "OmniglotChallenge")
    let archive = try ZipArchive(path)
    var entries: [String: ZipArchive.Entry] = [:]
    for entry in try archive.entries() { entries[entry.name] = entry }
    func entry(_ name: String) throws -> ZipArchive.Entry {
      guard let found = entries[name] else {
        throw DatasetError.file(path: path, reason: "it has no \(name), which a run of the challenge needs")
      }
      return found
    }
    let runs = (1...Self.count).map { "run\(padded($0))" }
    let numbers = 1...Self.ways
    let places = try runs.flatMap { run in
      numbers.map { "\(run)/training/class\(padded($0)).png" }
        + numbers.map { "\(run)/test/item\(padded($0)).png" }
    }
    .map { OmniglotDrawings.Place(archive: path, entry: try entry($0)) }
    let labels = try runs.map { run in
      try self.labels(of: run, in: archive.read(entry("\(run)/class_labels.txt"), limit: Self.labelsLimit))
    }
    let drawings = try OmniglotDrawings.decode(places, format).array
    func images(_ part: Int, labels: [Int]) throws -> LabelledImages {
      let own = try NDArray(Array(part * Self.ways..<(part + 1) * Self.ways))
      return LabelledImages(
        images: Tensor(try NDArray.takeRows(drawings, own)), labels: try Tensor(labels))
    }
    return try labels.enumerated().map { number, labels in
      Run(
        training: try images(2 * number, labels: Array(0..<Self.ways)),
        test: try images(2 * number + 1, labels: labels))
    }
  }

  /// The label of each test drawing, from lines such as `run01/test/item01.png run01/training/class08.png`.
  private func labels(of run: String, in bytes: [UInt8]) throws -> [Int] {
    let name = "\(path)/\(run)/class_labels.txt"
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    var labels: [Int?] = Array(repeating: nil, count: Self.ways)
    for line in lines where line.contains(where: { !$0.isWhitespace }) {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard words.count == 2,
        let item = (1...Self.ways).first(where: { words[0] == "\(run)/test/item\(padded($0)).png" }),
        let label = (1...Self.ways).first(where: { words[1] == "\(run)/training/class\(padded($0)).png" }),
        labels[item - 1] == nil
      else {
        throw DatasetError.file(
          path: name, reason: "\"\(line.prefix(80))\" does not tell the class of one of the 20 test drawings")
      }
      labels[item - 1] = label - 1
    }
    let known = labels.compactMap(\.self)
    guard known.count == Self.ways else {
      throw DatasetError.file(
        path: name, reason: "it tells the class of \(known.count) test drawings, where 20 are expected")
    }
    return known
  }
}

/// 7 as "07".
private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
