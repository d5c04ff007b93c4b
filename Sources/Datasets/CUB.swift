/// Caltech-UCSD Birds 200-2011 (Wah et al. 2011): 11,788 photographs of 200 species of birds, from the unpacked archive.
///
/// The split is that of Hilliard et al. 2018 as Chen et al. 2019 and torchmeta have it, 100 species to train, 50 to
/// validate, 50 to test: of the species' numbers the odd ones train, multiples of four test, the others validate.
public struct CUB: Sendable {
  public let root: String

  /// - Parameter root: the folder `CUB_200_2011`, or the one that it is in.
  public init(root: String) { self.root = root }

  private static let classCount = 200

  private static func split(of number: Int) -> ClassSplit {
    number % 2 == 1 ? .train : number % 4 == 0 ? .test : .val
  }

  /// The photographs of a split, scaled to squares of `size` pixels: [n, 3, size, size], 0 to 1.
  ///
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func images(_ split: ClassSplit, size: Int = 84) throws -> ClassImages {
    let format = try ImageFormat(size: size, channels: 3, of: "CUB")
    let inner = "\(root)/CUB_200_2011/images"
    let folder = Folder.exists(inner) ? inner : "\(root)/images"
    let classes = try Folder.folders(in: folder)
    // "001.Black_footed_Albatross"
    let numbers = classes.map { Int($0.prefix { $0 != "." }) ?? 0 }
    guard numbers == Array(1...Self.classCount) else {
      throw DatasetError.file(
        path: folder,
        reason:
          "the folders of \(Self.classCount) species are expected, 001.… to 200.…, and it has \(classes.count)"
      )
    }
    let chosen = zip(classes, numbers).filter { Self.split(of: $0.1) == split }.map(\.0)
    return try ImageFiles(in: folder, classes: chosen).images(format)
  }
}
