import Diagnostics
import Display
import Foundation
import Interpreter
import Testing

/// The documents' sessions, run: docs/language.md and the first session of both READMEs.
///
/// Words must be equal, numbers nearly so: the last digits depend on the processor. `INNERLOOP_RECORD_SNAPSHOTS=1` writes
/// what docs/language.md shows below its blocks anew.
@Suite("sessions in the documents")
struct DocumentedSessionTests {
  private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A section of docs/language.md in pieces: prose, code, and what the code shows.
  private enum Piece: Equatable {
    case prose(String)
    case code(String)
    case shown(String)

    var text: String {
      switch self {
      case .prose(let text): text
      case .code(let text): "```swift\n\(text)\n```"
      case .shown(let text): "```text\n\(text)\n```"
      }
    }
  }

  private static func pieces(_ document: String) -> [Piece] {
    var pieces: [Piece] = []
    var lines: [Substring] = []
    var fence: Substring?
    for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
      if let open = fence, line == "```" {
        let text = lines.joined(separator: "\n")
        switch open {
        case "```swift": pieces.append(.code(text))
        case "```text": pieces.append(.shown(text))
        default: pieces.append(.prose("\(open)\n\(text)\n```"))
        }
        (fence, lines) = (nil, [])
      } else if fence == nil, line.hasPrefix("```") {
        pieces.append(.prose(lines.joined(separator: "\n")))
        (fence, lines) = (line, [])
      } else {
        lines.append(line)
      }
    }
    return pieces + [.prose(lines.joined(separator: "\n"))]
  }

  /// What a cell shows, in the order of a terminal: what it printed, its value, its remarks and problems.
  private static func shown(_ answer: LanguageRunner.Answer) -> String {
    let problems = DiagnosticRenderer(colour: false).render(answer.result.diagnostics)
    return [answer.printed, answer.value ?? "", answer.warned, problems]
      .map { $0.trimmingCharacters(in: .newlines) }.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// Words and marks with the numbers taken out, and the numbers.
  private static func parts(_ text: String) -> (words: String, numbers: [Double]) {
    let number = /-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?/
    let numbers = text.matches(of: number).compactMap { Double($0.output.replacing(",", with: "")) }
    let words = text.replacing(number, with: "#").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return (words, numbers)
  }

  private static func agree(_ one: String, _ other: String, within tolerance: Double) -> Bool {
    let (a, b) = (parts(one), parts(other))
    return a.words == b.words && a.numbers.count == b.numbers.count
      && zip(a.numbers, b.numbers).allSatisfy { abs($0 - $1) <= tolerance * max(abs($0), abs($1), 1e-3) }
  }

  @Test("the language's page shows what its blocks do")
  func languagePage() throws {
    let file = Self.root.appending(path: "docs/language.md")
    let document = try String(contentsOf: file, encoding: .utf8)
    let isRecording = ProcessInfo.processInfo.environment["INNERLOOP_RECORD_SNAPSHOTS"] == "1"
    var session = LanguageRunner()
    var written: [Piece] = []
    var count = 0
    var rest = Self.pieces(document)[...]
    while let piece = rest.popFirst() {
      written.append(piece)
      if case .prose(let text) = piece, text.hasPrefix("## ") || text.contains("\n## ") {
        session = LanguageRunner()
      }
      guard case .code(let code) = piece else { continue }
      count += 1
      let shown = Self.shown(session(code))
      var said = ""
      if rest.count > 1, rest.first == .prose(""), case .shown(let text) = rest[rest.startIndex + 1] {
        said = text
        rest = rest.dropFirst(2)
      }
      if !shown.isEmpty { written += [.prose(""), .shown(shown)] }
      #expect(
        isRecording || Self.agree(shown, said, within: 0.02),
        "docs/language.md says\n\(said)\nwhere its block shows\n\(shown)\nINNERLOOP_RECORD_SNAPSHOTS=1 writes it anew"
      )
    }
    #expect(count > 30)
    if isRecording { try Data(written.map(\.text).joined(separator: "\n").utf8).write(to: file) }
  }

  @Test("the first session of a README shows what it says", arguments: ["README.md", "README.ja.md"])
  func firstSession(path: String) throws {
    let readme = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    let block = try #require(readme.firstRange(of: "\n```\n[1]› ")).upperBound
    let end = try #require(readme[block...].range(of: "\n```")).lowerBound
    let lines = ("[1]› " + readme[block..<end]).split(separator: "\n").map(String.init)
    let session = LanguageRunner()
    var expected: [String] = []
    var answer: String?
    func settle() {
      guard let answer else { return }
      // The line of progress has the clock in it; the digits of a long training depend on the processor.
      let said = expected.filter { !$0.hasPrefix("training ") }.joined(separator: "\n")
      #expect(Self.agree(answer, said, within: 0.5), "\(path) says\n\(said)\nand it shows\n\(answer)")
    }
    for line in lines {
      if let input = line.wholeMatch(of: /\[\d+\]› (.*)/) {
        settle()
        expected = []
        let code = String(input.output.1)
        answer = code.hasPrefix(":") ? nil : Self.shown(session(code))
      } else {
        expected.append(line)
      }
    }
    settle()
  }
}
