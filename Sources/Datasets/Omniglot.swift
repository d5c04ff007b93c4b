import ArrayCore
import Autograd
import Synchronization

/// Omniglot (Lake, Salakhutdinov and Tenenbaum 2015): 1,623 characters of 50 alphabets, 20 drawings of each, read from
/// the two official zip files without unpacking them.
///
/// The splits are those of Vinyals et al. 2016 as torchmeta has them, 1,028 characters to train, 172 to validate, 423 to
/// test: of the characters in order (background before evaluation, then by alphabet and number), the last 423 test, and
/// five alphabets of the background validate.
public struct Omniglot: Sendable {
  public enum Split: Sendable { case train, validation, test }

  /// A character and its drawings.
  public struct Character: Hashable, Sendable {
    public let alphabet: String
    /// Its folder in the alphabet, `character01`.
    public let name: String
    public let isBackground: Bool
  }

  /// The images of some characters.
  public struct Images: Sendable {
    /// [20 · characters, 1, size, size]: 1 paper, 0 ink, the drawings of a character behind each other.
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
  private static let entryLimit = 1 << 20
  private static let side = 105

  /// Reads the drawings of a split, or of all characters for nil, shrunk to `size` pixels a side.
  ///
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func load(_ split: Split? = nil, size: Int = 28) throws -> Images {
    guard (1...1024).contains(size) else {
      throw DatasetError.argument(type: "Omniglot", reason: "imageSize is \(size), it must be 1...1024")
    }
    let parts = try Self.parts.enumerated().map { try contents(of: $0.offset) }
    let all = parts.flatMap(\.self)
    let chosen = all.enumerated().filter {
      split == nil || Self.split(of: $0.element.character, $0.offset) == split
    }
    .map(\.element)
    let pixels = try decode(chosen, size: size)
    let images = try NDArray(pixels, [chosen.count * Self.drawings, 1, size, size])
    let labels = chosen.indices.flatMap { repeatElement($0, count: Self.drawings) }
    return Images(images: Tensor(images), labels: try Tensor(labels), characters: chosen.map(\.character))
  }

  private static func split(of character: Character, _ place: Int) -> Split {
    let count = parts.reduce(0) { $0 + $1.characters }
    if place >= count - testCharacters { return .test }
    return character.isBackground && validationAlphabets.contains(character.alphabet) ? .validation : .train
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

  /// Decodes the drawings in parallel, each part of them through an archive of its own.
  private func decode(_ chosen: [Found], size: Int) throws -> [Float] {
    let scaler = ImageScaler(width: Self.side, height: Self.side, to: size)
    let failure = Mutex<(any Error)?>(nil)
    let units = min(8, chosen.count)
    var pixels = [Float](repeating: 0, count: chosen.count * Self.drawings * size * size)
    try pixels.withUnsafeMutableBufferPointer { pixels in
      guard let start = pixels.baseAddress else { return }
      try ThreadPool.run(units: units, stopping: "Omniglot") { unit in
        do {
          var archives: [Int: ZipArchive] = [:]
          for place in (chosen.count * unit / units)..<(chosen.count * (unit + 1) / units) {
            let own = chosen[place]
            let archive = try archives[own.part] ?? ZipArchive(path(own.part))
            archives[own.part] = archive
            for (drawing, entry) in own.drawings.enumerated() {
              let name = "\(archive.path)/\(entry.name)"
              let image = try GreyImage(png: archive.read(entry, limit: Self.entryLimit), name: name)
              guard image.width == Self.side, image.height == Self.side else {
                throw DatasetError.file(
                  path: name,
                  reason: "it has \(image.width)×\(image.height) pixels, where 105×105 are expected")
              }
              scaler.scale(image, into: start + (place * Self.drawings + drawing) * size * size)
            }
          }
        } catch {
          failure.withLock { if $0 == nil { $0 = error } }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return pixels
  }
}
