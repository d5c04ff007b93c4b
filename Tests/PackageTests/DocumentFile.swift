import Foundation

/// A Markdown document of this repository, as far as tests read it.
struct DocumentFile {
  /// The documents of the repository: at the top, and in `docs/`.
  static let all: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: RepositoryFiles.root.path)) ?? []
    return names.filter { $0.hasSuffix(".md") }.sorted()
      + RepositoryFiles.paths(in: "docs", extensions: ["md"])
  }()

  let path: String
  private let prose: String
  private let fenced: [(language: String, text: String)]

  init(_ path: String) throws {
    self.path = path
    var prose: [Substring] = []
    var fenced: [(String, String)] = []
    var open: (language: String, lines: [Substring])?
    for line in try RepositoryFiles.text(path).split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let block = open { fenced.append((block.language, block.lines.joined(separator: "\n"))) }
        open = open == nil ? (String(line.dropFirst(3)), []) : nil
      } else if open != nil {
        open?.lines.append(line)
      } else {
        prose.append(line)
      }
    }
    self.prose = prose.joined(separator: "\n")
    self.fenced = fenced
  }

  /// The code blocks marked with a language; "" for those without a mark.
  func blocks(of language: String) -> [String] { fenced.filter { $0.language == language }.map(\.text) }

  /// Code inside lines.
  var spans: [String] { prose.matches(of: /`([^`\n]+)`/).map { String($0.output.1) } }

  /// Where links and pictures lead, as written.
  var links: [String] {
    let words = prose.replacing(/`[^`\n]+`/, with: "")
    return words.matches(of: /\]\(([^)\s]+)\)|src="([^"]+)"/).map { String($0.output.1 ?? $0.output.2 ?? "") }
  }

  /// A path that is relative to this document, from the root.
  func resolved(_ link: String) -> String {
    var folders = path.split(separator: "/").dropLast().map(String.init)
    for part in link.split(separator: "/").map(String.init) where part != "." {
      if part == ".." { _ = folders.popLast() } else { folders.append(part) }
    }
    return folders.joined(separator: "/")
  }

  /// The addresses that a code host gives to the headings; a repeated one is numbered.
  var addresses: Set<String> {
    var all: Set<String> = []
    for heading in prose.matches(of: /(?m)^#+ (.+)$/) {
      let kept = heading.output.1.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
      let address = kept.replacing(" ", with: "-")
      let numbered = [address] + (1...99).map { "\(address)-\($0)" }
      if let free = numbered.first(where: { !all.contains($0) }) { all.insert(free) }
    }
    return all
  }
}
