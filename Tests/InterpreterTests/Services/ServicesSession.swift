import Diagnostics
import Display
import Interpreter

/// A session that has run some cells, and what the services see of it.
struct ServicesSession: Sendable {
  let registry: Registry
  let snapshot: Snapshot

  init(after cells: String...) {
    let registry = ProgramRunner.registry()
    self.registry = registry
    snapshot = LargeStackThread.run {
      let evaluator = Evaluator(registry: registry)
      for cell in cells { _ = evaluator.run(SourceText(name: "cell", text: cell), output: MemorySink()) }
      return evaluator.snapshots.current
    }
  }

  /// Completes at the mark `|`.
  func complete(_ marked: String) -> CompletionResult {
    let (text, cursor) = Self.cursor(marked)
    return Completer(registry: registry, snapshot: snapshot).complete(text, at: cursor)
  }

  func texts(_ marked: String) -> [String] { complete(marked).matches.map(\.text) }

  /// The plain text of what is known at the mark `|`.
  func inspect(_ marked: String, _ detail: HelpPages.Detail = .brief) -> String? {
    let (text, cursor) = Self.cursor(marked)
    return Inspector(registry: registry, snapshot: snapshot).inspect(text, at: cursor, detail: detail)?
      .plainText
  }

  private static func cursor(_ marked: String) -> (String, Int) {
    let parts = marked.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    return (parts.joined(), parts[0].unicodeScalars.count)
  }
}
