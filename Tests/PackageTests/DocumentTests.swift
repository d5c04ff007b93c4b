import Foundation
import Testing

/// The documents are true: the map names every target, links lead somewhere, commands are there.
@Suite("documents")
struct DocumentTests {
  let readme: String

  init() throws { readme = try RepositoryFiles.text("README.md") }

  @Test("the map names every target, a lower layer first")
  func mapNamesEveryTarget() throws {
    let targets = try PackageManifest(RepositoryFiles.text("Package.swift")).targets
    let map = readme.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let rows = map.map { row in
      row.split(separator: "|")[0].matches(of: /`(\w+)`/).map { String($0.output.1) }
    }
    #expect(Set(rows.joined()) == Set(targets.map(\.name)))
    let layers = rows.joined().compactMap { name in targets.first { $0.name == name }?.layer }
    #expect(layers == layers.sorted())
  }

  @Test("every document's links lead to files and headings that are there", arguments: DocumentFile.all)
  func linksLeadSomewhere(path: String) throws {
    let document = try DocumentFile(path)
    var addresses: [String: Set<String>] = [:]
    for link in document.links where !link.hasPrefix("https://") {
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let target = parts[0].isEmpty ? path : document.resolved(parts[0])
      let exists = FileManager.default.fileExists(atPath: RepositoryFiles.root.appending(path: target).path)
      #expect(exists, "\(path) links to \(link)")
      if parts.count == 2, exists, target.hasSuffix(".md") {
        let known = try addresses[target] ?? DocumentFile(target).addresses
        addresses[target] = known
        #expect(known.contains(parts[1]), "\(path) links to \(link), which is no heading there")
      }
    }
  }

  @Test("both READMEs show the same commands, the same session and the same notebooks and examples")
  func japaneseQuickStart() throws {
    let english = try DocumentFile("README.md")
    let japanese = try DocumentFile("README.ja.md")
    func commands(_ document: DocumentFile) -> [String] {
      document.blocks(of: "sh").flatMap { $0.split(separator: "\n") }.map { line in
        String(line.prefix { $0 != "#" }).trimmingCharacters(in: .whitespaces)
      }
    }
    #expect(commands(japanese) == commands(english))
    #expect(japanese.blocks(of: "").first == english.blocks(of: "").first, "the first session")
    let starts = ["notebooks/", "examples/"]
    func places(_ document: DocumentFile) -> Set<String> {
      Set(document.links.filter { link in starts.contains(where: link.hasPrefix) })
    }
    #expect(places(japanese).isSuperset(of: places(english)))
    #expect(english.links.contains("README.ja.md") && japanese.links.contains("README.md"))
  }

  @Test("the make targets that a document names are there", arguments: DocumentFile.all)
  func makeTargetsExist(path: String) throws {
    let makefile = try RepositoryFiles.text("Makefile")
    let document = try DocumentFile(path)
    let code = document.blocks(of: "sh") + document.spans
    let named = Set(code.joined(separator: "\n").matches(of: /\bmake ([a-z]+)\b/).map { String($0.output.1) })
    if path.hasPrefix("README") { #expect(named.isSuperset(of: ["demo", "test", "lab", "setup", "build"])) }
    for target in named { #expect(makefile.contains("\n\(target): "), "\(path): make \(target)") }
  }
}
