import Foundation

/// The files of this repository, found from where this file lies.
enum RepositoryFiles {
  static let root: URL = {
    // <root>/Tests/PackageTests/RepositoryFiles.swift; the path may lead through a link.
    var url = URL(filePath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Paths below `folder`, relative to the root, with one of these extensions, sorted.
  static func paths(in folder: String, extensions: Set<String>) -> [String] {
    let base = root.appending(path: folder)
    guard let names = FileManager.default.enumerator(atPath: base.path) else { return [] }
    return names.compactMap { $0 as? String }
      .filter { extensions.contains(URL(filePath: $0).pathExtension) }
      .map { "\(folder)/\($0)" }
      .sorted()
  }
}
