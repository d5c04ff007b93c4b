import Foundation
import Testing

/// docs/architecture.md says what the code says.
@Suite("the architecture page")
struct ArchitectureTests {
  let targets: [PackageManifest.Target]
  let page: DocumentFile
  /// The first diagram: the layers.
  let diagram: String

  init() throws {
    targets = try PackageManifest(RepositoryFiles.text("Package.swift")).targets.filter {
      !$0.isSystemLibrary
    }
    page = try DocumentFile("docs/architecture.md")
    diagram = try #require(page.blocks(of: "mermaid").first)
  }

  private var arrows: [String: Set<String>] {
    let pairs = diagram.matches(of: /(?m)^\s*(\w+) -+> (\w+)$/).map {
      (String($0.output.1), [String($0.output.2)])
    }
    return Dictionary(pairs.map { ($0.0, Set($0.1)) }, uniquingKeysWith: { $0.union($1) })
  }

  /// Whatever arrows lead to from a target.
  private func reached(from name: String, _ arrows: [String: Set<String>]) -> Set<String> {
    arrows[name, default: []].reduce(into: []) {
      $0.formUnion([$1])
      $0.formUnion(reached(from: $1, arrows))
    }
  }

  @Test("the diagram has every target in its layer")
  func diagramHasEveryLayer() {
    var layers: [String: Int] = [:]
    var layer: Int?
    for line in diagram.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
      if let head = line.firstMatch(of: /^subgraph layer(\d+)/) { layer = Int(head.output.1) }
      if line == "end" { layer = nil }
      if let layer, line.wholeMatch(of: /\w+/) != nil { layers[line] = layer }
    }
    #expect(layers == Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0.layer) }))
  }

  @Test("the diagram's arrows are the dependencies in Package.swift, without those that follow from others")
  func arrowsAreDependencies() {
    let names = Set(targets.map(\.name))
    let declared = Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0.targets.intersection(names)) })
    for (name, dependencies) in declared {
      let needed = dependencies.filter { dependency in
        !dependencies.contains { $0 != dependency && reached(from: $0, declared).contains(dependency) }
      }
      #expect(arrows[name, default: []] == needed, "\(name) --> … in the diagram of docs/architecture.md")
    }
  }

  @Test("the declarations that the page names are in the sources")
  func declarationsExist() throws {
    let sources = try
      (RepositoryFiles.paths(in: "Sources", extensions: ["swift"])
      + RepositoryFiles.paths(in: "Tests", extensions: ["swift"]))
      .map { SwiftCode(try RepositoryFiles.text($0)).text }.joined()
    let words = Set(sources.matches(of: /\w+/).map { $0.output })
    let paths = Set(targets.map(\.name)).union(["Package", "Tests", "PackageTests"])
    var named = 0
    for span in page.spans {
      guard let name = span.wholeMatch(of: /\.?([A-Za-z]\w*)(?:\.(\w+))?(?:\(\))?/) else { continue }
      for part in [name.output.1, name.output.2 ?? ""] where !part.isEmpty && !paths.contains(String(part)) {
        guard !["swift", "md", "params", "text"].contains(part) else { continue }
        named += 1
        #expect(words.contains(part), "`\(span)` is not in the sources")
      }
    }
    #expect(named > 25)
  }
}
