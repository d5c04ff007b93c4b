import Diagnostics
import Display
import Interpreter

/// Runs cells of one session on a thread with a large stack and keeps what they printed, as text.
struct CellResult: Sendable {
  /// What the cell printed.
  var output: String
  /// The last value as a notebook shows it; nil when there is none.
  var value: String?
  var diagnostics: [Diagnostic]
  var notes: [Diagnostic]

  var ids: [String] { diagnostics.map(\.id) }
  var firstMessage: String {
    diagnostics.first.map { ([$0.message] + $0.hints).joined(separator: " | ") } ?? ""
  }
}

enum ProgramRunner {
  static func registry(_ extra: (RegistryBuilder) -> Void = { _ in }) -> Registry {
    let builder = RegistryBuilder()
    StandardLibrary.register(in: builder)
    HostTypes.register(in: builder)
    extra(builder)
    return builder.build()
  }

  /// Runs the cells one after the other in one session.
  static func run(
    _ cells: [String], registry: Registry = registry(),
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) -> [CellResult] {
    LargeStackThread.run {
      let evaluator = Evaluator(registry: registry, isInterrupted: isInterrupted)
      return cells.enumerated().map { index, text in
        let sink = MemorySink()
        let outcome = evaluator.run(SourceText(name: "cell \(index + 1)", text: text), output: sink)
        return CellResult(
          output: sink.standardOutput, value: outcome.value?.mimeBundle.plainText,
          diagnostics: outcome.diagnostics,
          notes: outcome.notes)
      }
    }
  }

  static func run(_ source: String) -> CellResult { run([source])[0] }

  /// A cell with the place of its problem marked: `let x = ⟦y⟧`. The marks are taken out before it runs.
  static func marked(_ text: String) -> (source: String, span: Span?) {
    guard let open = text.firstRange(of: "⟦"), let close = text.firstRange(of: "⟧") else {
      return (text, nil)
    }
    let start = text[..<open.lowerBound].utf8.count
    let end = start + text[open.upperBound..<close.lowerBound].utf8.count
    return (text.filter { $0 != "⟦" && $0 != "⟧" }, Span(start: start, end: end))
  }
}
