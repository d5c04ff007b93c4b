import Foundation
import Interpreter
import Prelude
import Testing

@Suite("the reference page")
struct ReferenceTests {
  private static let registry = InnerloopLanguage.registry
  private static let page = ReferencePage(registry).markdown

  @Test("the committed page is what the program writes")
  func committedPage() throws {
    let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let committed = try String(contentsOf: root.appending(path: "docs/reference.md"), encoding: .utf8)
    let written = Self.page.split(separator: "\n", omittingEmptySubsequences: false)
    let known = committed.split(separator: "\n", omittingEmptySubsequences: false)
    let place = zip(written, known).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let isCurrent = committed == Self.page
    #expect(
      isCurrent,
      "docs/reference.md is out of date from line \((place ?? min(written.count, known.count)) + 1) on; `make reference` writes it anew"
    )
  }

  @Test("every name has one entry, under a topic of its own")
  func everyNameHasAnEntry() {
    let names = Set(Self.registry.globals.keys).union(Self.registry.types.keys).union(
      Self.registry.hooks.keys)
    let entries = Self.page.matches(of: /(?m)^### (.+)$/).map { String($0.output.1) }
    #expect(entries.sorted() == names.sorted())
    for contents in Self.registry.topics {
      #expect(
        contents.topic.title != "Further names",
        "\(contents.names) are registered outside `builder.topic`; see Sources/Prelude/Topics.swift")
    }
  }

  @Test("names lie where a reader looks for them")
  func names() {
    let topics = Dictionary(
      Self.registry.topics.flatMap { contents in contents.names.map { ($0, contents.topic.title) } },
      uniquingKeysWith: { one, _ in one })
    for (name, topic) in [
      ("matmul", "Tensors"), ("gradientUpdateParameters", "Gradients"), ("MetaLinear", "Modules"),
      ("crossEntropy", "Losses and optimizers"), ("Sinusoid", "Tasks and data sets"), ("MAML", "Learners"),
      ("Stepper", "Looking inside"), ("plot", "Results"), ("interact", "Controls in a notebook"),
      ("seed", "The session"), ("sin", "Numbers"), ("zip", "Text and collections"),
    ] { #expect(topics[name] == topic, "\(name)") }
  }

  @Test("a type opened elsewhere to add members stays where it is described")
  func openedTypes() {
    let one = Topic("One", "")
    let two = Topic("Two", "")
    let builder = RegistryBuilder(topics: [two, one])
    builder.topic(one) { builder.type("A") { _ in } }
    builder.topic(two) { builder.type("A", "Described here.") { _ in } }
    builder.topic(one) {
      builder.type("A", "And again.") { _ in }
      builder.topic(two) { builder.constant("b", 1, .int, "Inside.") }
      builder.constant("c", 1, .int, "Outside.")
    }
    builder.constant("d", 1, .int, "Nowhere.")
    let topics = builder.build().topics
    #expect(topics.map(\.topic.title) == ["Two", "One", "Further names"])
    #expect(topics.map(\.names) == [["A", "b"], ["c"], ["d"]])
  }

  @Test("what an entry says: signature, formula, members, what it gives")
  func entry() throws {
    let start = try #require(Self.page.range(of: "\n### MAML\n")).upperBound
    let end = try #require(Self.page[start...].range(of: "\n### ")).lowerBound
    let entry = Self.page[start..<end]
    for words in [
      "  stepSize: Double = 0.1,", "**Formula:** `min over θ", "**Source:** Finn et al. 2017",
      "**Also written:** `ModelAgnosticMetaLearning`",
      "| `stepSize: Double = 0.1` | α, of the inner loop |", "- `adapt(_ task: Task, ",
      "Example: `let a = maml.adapt(task)`",
    ] { #expect(entry.contains(words), "\(words)") }
    #expect(Self.page.contains("**Gives:** [`Interaction`](#interaction)"))
    #expect(Self.page.contains("Has the members of [`MAML`](#maml) too."))
  }

  @Test("no table row is broken by a bar or a line break in its words")
  func tables() {
    for table in Self.page.matches(of: /(?m)(?:^\|.*\n)+/) {
      let columns = table.output.split(separator: "\n").map { row in
        row.replacing("\\|", with: "").filter { $0 == "|" }.count
      }
      #expect(Set(columns).count == 1, "\(table.output.prefix(200))")
    }
  }
}
