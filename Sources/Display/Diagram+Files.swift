extension Diagram {
  /// Writes the diagram as `.svg` (which needs Graphviz), `.dot` or `.mmd`, by the path's extension; replaces the file
  /// whole or not at all.
  ///
  /// - Throws: ``SaveError``; ``GraphvizError`` and what `check` throws, for an SVG.
  public func save(_ path: String, check: () throws -> Void = {}) throws {
    switch SavedFile.fileExtension(path) {
    case "svg": try SavedFile.write(Graphviz.svg(of: dot(), check: check), to: path)
    case "dot", "gv": try SavedFile.write(dot(), to: path)
    case "mmd", "mermaid": try SavedFile.write(mermaid(), to: path)
    case let other: throw SaveError.unknownExtension(other, path: path, known: ["svg", "dot", "mmd"])
    }
  }
}

extension NumberText {
  /// A size in memory: `640 B`, `1.64 kB`, `12.3 MB`, in powers of 1000.
  public static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "kB", "MB", "GB"] {
      if abs(value) < 999.5 || unit == "GB" { return "\(compact(value, digits: 3)) \(unit)" }
      value /= 1000
    }
    return ""
  }
}
