import Autograd

/// A folder of domains, each with the same class folders of PNG or JPEG images: DomainBed's layout of PACS, VLCS,
/// OfficeHome and others (Gulrajani and Lopez-Paz 2021).
public struct DomainFolder: Sendable {
  public let root: String
  /// In alphabetical order.
  public let domainNames: [String]
  /// In alphabetical order.
  public let classes: [String]

  /// - Throws: ``DatasetError/file(path:reason:)`` when there are no domains, or their classes differ.
  public init(root: String) throws {
    self.root = root
    domainNames = try Folder.folders(in: root)
    guard let first = domainNames.first else {
      throw DatasetError.file(path: root, reason: "a folder for each domain is expected, and there is none")
    }
    classes = try Folder.folders(in: "\(root)/\(first)")
    for name in domainNames {
      let own = try Folder.folders(in: "\(root)/\(name)")
      guard own == classes, !own.isEmpty else {
        let differing = Set(own).symmetricDifference(classes).sorted()
        throw DatasetError.file(
          path: "\(root)/\(name)",
          reason: own.isEmpty
            ? "a folder for each class is expected, and there is none"
            : "the same classes as in \(first) are expected; \(differing.joined(separator: ", ")) differ")
      }
    }
  }

  /// Each domain's name and its samples, in order, scaled to `size` pixels a side and to grey or RGB.
  ///
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func domains(size: Int, channels: Int = 3) throws -> [(name: String, samples: LabelledImages)] {
    let format = try ImageFormat(size: size, channels: channels, of: "DomainFolder")
    return try domainNames.map { name in
      let found = try ImageFiles(in: "\(root)/\(name)", classes: classes).images(format).loaded()
      return (name, LabelledImages(images: found.inputs, labels: found.labels))
    }
  }
}
