import Foundation
import Testing

/// A program of the language's description and what it prints.
struct Example: Sendable, CustomTestStringConvertible {
  let program: String
  let printed: String

  init(_ program: String, prints printed: String) {
    self.program = program
    self.printed = printed
  }

  var testDescription: String { program }

  /// Runs the program in a session of its own.
  func check(after preamble: String = "", _ location: SourceLocation = #_sourceLocation) {
    let answer = LanguageRunner()(preamble + "\n" + program)
    #expect(answer.errors == [], sourceLocation: location)
    #expect(
      answer.printed.trimmingCharacters(in: .whitespacesAndNewlines) == printed, sourceLocation: location)
  }
}

/// A program that is refused, and words of what is said.
struct Refusal: Sendable, CustomTestStringConvertible {
  let program: String
  let words: String

  init(_ program: String, says words: String) {
    self.program = program
    self.words = words
  }

  var testDescription: String { program }

  /// Runs the program in a session of its own; the refusal has a place and the words in its message or a hint.
  func check(after preamble: String = "", _ location: SourceLocation = #_sourceLocation) {
    let answer = LanguageRunner()(preamble + "\n" + program)
    let diagnostics = answer.result.diagnostics
    #expect(diagnostics.isEmpty == false, sourceLocation: location)
    #expect(diagnostics.allSatisfy { $0.span != nil }, sourceLocation: location)
    let said = diagnostics.flatMap { [$0.message] + $0.hints }.joined(separator: "\n")
    #expect(said.contains(words), "it says: \(said)", sourceLocation: location)
  }
}
