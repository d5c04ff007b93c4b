import Foundation
import Testing

/// The README is true: its map names every target, and its links lead somewhere.
@Suite("README")
struct ReadmeTests {
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

  @Test(
    "every file that a document links to exists",
    arguments: ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "RESULTS.md"])
  func linksLeadSomewhere(document: String) throws {
    for link in try RepositoryFiles.text(document).matches(of: /\]\(([^)#]+)\)/) {
      let target = String(link.output.1)
      guard !target.hasPrefix("https://") else { continue }
      #expect(
        FileManager.default.fileExists(atPath: RepositoryFiles.root.appending(path: target).path),
        "\(document) links to \(target)")
    }
  }

  @Test("the make targets that the README names are there")
  func makeTargetsExist() throws {
    let makefile = try RepositoryFiles.text("Makefile")
    let named = Set(readme.matches(of: /\bmake ([a-z]+)\b/).map { String($0.output.1) })
    #expect(named.isSuperset(of: ["demo", "test", "lab"]))
    for target in named { #expect(makefile.contains("\n\(target): "), "make \(target)") }
  }
}
