import ArrayCore
import Autograd

/// Omniglot (Lake, Salakhutdinov and Tenenbaum 2015): 1,623 characters of 50 alphabets, 20 drawings of each, read from
/// the two official zip files without unpacking them.
///
/// The splits are those of Vinyals et al. 2016 as torchmeta has them, 1,028 characters to train, 172 to validate, 423 to
/// test: of the characters in order (background before evaluation, then by alphabet and number), the last 423 test, and
/// five alphabets of the background validate. Without Vinyals's split the two files are the splits, as Lake et al. have
/// them: the background's 964 characters train, the evaluation's 659 test.
public struct Omniglot: Sendable {
  /// A character and its drawings.
  public struct Character: Hashable, Sendable {
    public let alphabet: String
    /// Its folder in the alphabet, `character01`.
    public let name: String
    public let isBackground: Bool
  }

  /// The images of some characters.
  public struct Images: Sendable {
    /// [20 · characters, 1, size, size]: 1 paper, 0 ink unless inverted, the drawings of a character behind each other.
    public let images: Tensor
    /// The place of each image's character in `characters`.
    public let labels: Tensor
    public let characters: [Character]
  }

  public let root: String

  /// - Parameter root: the folder with `images_background.zip` and `images_evaluation.zip`.
  public init(root: String) { self.root = root }

  private static let parts: [(name: String, characters: Int)] = [
    ("images_background", 964), ("images_evaluation", 659),
  ]
  private static let drawings = 20
  private static let testCharacters = 423
  private static let validationAlphabets: Set = [
    "Armenian", "Bengali", "Early_Aramaic", "Hebrew", "Mkhedruli_(Georgian)",
  ]

  /// Reads the drawings of a split, or of all characters for nil, shrunk to `size` pixels a side.
  ///
  /// - Parameters:
  ///   - split: which part of the characters; nil for all.
  ///   - vinyalsSplit: whether the splits are Vinyals's; otherwise each file is one, and none validates.
  ///   - inverted: whether ink is 1 and paper 0, as in the programs of Vinyals et al. 2016 and Finn et al. 2017.
  ///   - size: pixels a side.
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func load(
    _ split: ClassSplit? = nil, vinyalsSplit: Bool = true, inverted: Bool = false, size: Int = 28
  ) throws -> Images {
    if split == .val, !vinyalsSplit {
      throw DatasetError.argument(
        type: "Omniglot",
        reason:
          "without Vinyals's split the background trains and the evaluation set tests, and no characters are left to validate with; hold some of the training's back, or keep vinyalsSplit: true"
      )
    }
    let format = try ImageFormat(size: size, channels: 1, of: "Omniglot")
    let parts = try Self.parts.enumerated().map { try contents(of: $0.offset) }
    let all = parts.flatMap(\.self)
    let chosen = all.enumerated().filter { place, own in
      guard let split else { return true }
      guard vinyalsSplit else { return split == (own.character.isBackground ? .train : .test) }
      return Self.split(of: own.character, place) == split
    }
    .map(\.element)
    let places = chosen.flatMap { own in
      own.drawings.map { OmniglotDrawings.Place(archive: path(own.part), entry: $0) }
    }
    let labels = chosen.indices.flatMap { repeatElement($0, count: Self.drawings) }
    let drawings = try OmniglotDrawings.decode(places, format)
    return Images(
      images: inverted ? try (1 - drawings).detach() : drawings, labels: try Tensor(labels),
      characters: chosen.map(\.character))
  }

  private static func split(of character: Character, _ place: Int) -> ClassSplit {
    let count = parts.reduce(0) { $0 + $1.characters }
    if place >= count - testCharacters { return .test }
    return character.isBackground && validationAlphabets.contains(character.alphabet) ? .val : .train
  }

  /// A character with its drawings in one of the files.
  private struct Found: Sendable {
    let character: Character
    let part: Int
    var drawings: [ZipArchive.Entry] = []
  }

  private func path(_ part: Int) -> String { "\(root)/\(Self.parts[part].name).zip" }

  /// The characters of a file, in order.
  private func contents(of part: Int) throws -> [Found] {
    let (folder, count) = Self.parts[part]
    var found: [String: Found] = [:]
    for entry in try ZipArchive(path(part)).entries() where entry.name.hasSuffix(".png") {
      let names = entry.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard names.count == 4, names[0] == folder else { continue }
      let character = Character(alphabet: names[1], name: names[2], isBackground: part == 0)
      found[names[1] + "/" + names[2], default: Found(character: character, part: part)].drawings.append(
        entry)
    }
    guard found.count == count, found.values.allSatisfy({ $0.drawings.count == Self.drawings }) else {
      let drawings = found.values.reduce(0) { $0 + $1.drawings.count }
      throw DatasetError.file(
        path: path(part),
        reason:
          "it has \(drawings) drawings of \(found.count) characters in \(folder)/, where \(count * Self.drawings) of \(count) are expected"
      )
    }
    return found.sorted { $0.key < $1.key }.map { _, own in
      var own = own
      own.drawings.sort { $0.name < $1.name }
      return own
    }
  }
}
