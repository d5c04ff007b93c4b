import Diagnostics
import SwiftDiagnostics
import SwiftParser
import SwiftParserDiagnostics
import SwiftSyntax

/// What the parser could not read, in words, with Python's spellings recognised.
struct SyntaxProblems {
  let source: SourceText

  func diagnostics(of file: SourceFileSyntax) -> [Diagnostics.Diagnostic] {
    if let offset = ParserTrap.offset(in: file) {
      return [
        Diagnostics.Diagnostic(
          id: "syntax-error", message: "there is a character beside this `=` that cannot be read",
          span: Span(at: offset), source: source, hints: ["write the line anew"])
      ]
    }
    var result: [Diagnostics.Diagnostic] = []
    var seenLines: Set<Int> = []
    for problem in parserProblems(of: file) {
      let offset = min(problem.position.utf8Offset, source.utf8Count)
      let line = source.line(at: offset)
      // One problem a line is enough: the parser's next ones mostly follow from it.
      guard seenLines.insert(line).inserted else { continue }
      if let slip = pythonSlip(onLine: line) {
        result.append(slip)
        continue
      }
      result.append(worded(problem, at: offset))
      if result.count >= 20 { break }
    }
    if result.isEmpty {
      result.append(
        Diagnostics.Diagnostic(
          id: "syntax-error", message: "this cannot be read", span: Span(at: 0), source: source))
    }
    return result
  }

  /// More source than this is read one statement at a time.
  private static let wholeLimit = 16 << 10

  /// What the parser says. The time it takes to say it grows with the square of the number of problems, so that of much
  /// source the first statements with problems have to do.
  private func parserProblems(of file: SourceFileSyntax) -> [SwiftDiagnostics.Diagnostic] {
    if source.utf8Count <= Self.wholeLimit { return ParseDiagnosticsGenerator.diagnostics(for: file) }
    var result: [SwiftDiagnostics.Diagnostic] = []
    for statement in file.statements where statement.hasError {
      result += ParseDiagnosticsGenerator.diagnostics(for: statement)
      if result.count >= 40 { return result }
    }
    return result.isEmpty ? ParseDiagnosticsGenerator.diagnostics(for: file) : result
  }

  private func worded(_ problem: SwiftDiagnostics.Diagnostic, at offset: Int) -> Diagnostics.Diagnostic {
    let token = source[Span(start: offset, end: min(offset + 40, source.utf8Count))]
    var message = problem.message
    var hints: [String] = []
    if message.hasPrefix("consecutive statements") {
      message = "two statements on one line"
      hints.append("put a new line or `;` between them")
    } else if message.contains("maximum nesting level") {
      return Diagnostics.Diagnostic(
        id: "nested-too-deep", message: "the code is nested more than \(Lowerer.depthLimit) deep",
        span: Span(at: offset), source: source, hints: ["give parts of it names with `let`"])
    } else if let fix = problem.fixIts.first {
      hints.append(fix.message.message)
    }
    let word = token.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    let length = max(word.utf8.count, token.isEmpty || token.first?.isNewline == true ? 0 : 1)
    return Diagnostics.Diagnostic(
      id: "syntax-error", message: message, span: Span(start: offset, end: offset + length), source: source,
      hints: hints)
  }

  // MARK: Python

  /// A line that is Python, with the line to write.
  private func pythonSlip(onLine line: Int) -> Diagnostics.Diagnostic? {
    guard let whole = source.span(ofLine: line) else { return nil }
    let text = source[whole]
    let code = text.drop { $0 == " " || $0 == "\t" }
    let indent = text.utf8.count - code.utf8.count
    let words = code.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    func slip(_ word: some StringProtocol, _ message: String, _ hint: String) -> Diagnostics.Diagnostic {
      var at = Span(start: whole.start + indent, end: whole.end)
      if let range = code.range(of: String(word)) {
        let start = whole.start + indent + code[..<range.lowerBound].utf8.count
        at = Span(start: start, end: start + word.utf8.count)
      }
      return Diagnostics.Diagnostic(
        id: "python-syntax", message: message, span: at, source: source, hints: [hint])
    }
    if code.hasPrefix("# ") || code == "#" {
      var comment = slip("#", "`#` does not start a comment", "write `//` for a comment")
      comment.id = "python-comment"
      return comment
    }
    guard let first = words.first else { return nil }
    let body = code.trimmedEnd
    switch first {
    case "def":
      let name = words.count > 1 ? String(words[1]) : "name"
      return slip("def", "`def` is Python", "write `func \(name)(_ x: Tensor) -> Tensor { … }`")
    case "elif": return slip("elif", "`elif` is Python", "write `} else if condition {`")
    case "print" where !code.dropFirst(5).drop(while: { $0 == " " }).hasPrefix("("):
      let rest = code.dropFirst(5).trimmingPrefix(while: { $0 == " " })
      return slip("print", "`print` takes its values in parentheses", "write `print(\(rest))`")
    case "from":
      return slip(
        "from", "`from … import` is not part of Innerloop", "everything is there already; delete the line")
    case "with": return slip("with", "`with` is Python", "write a closure: `noGrad { … }`")
    case "except": return slip("except", "`except` is Python", "write `} catch {`")
    case "raise": return slip("raise", "`raise` is Python", "write `throw \"message\"`")
    case "pass": return slip("pass", "`pass` is Python", "leave the braces empty")
    case "for", "while", "if", "else", "try":
      if body.hasSuffix(":") {
        return slip(first, "blocks stand in braces, not after a colon", "write `\(body.dropLast()) {` … `}`")
      }
    default: break
    }
    if first == "for", words.count > 3, words[3] == "in", let comma = code.firstIndex(of: ","),
      !code[..<comma].contains("(")
    {
      return slip(
        "\(words[1])", "several names of a `for` stand in parentheses",
        "write `for (\(words[1]), \(words[2])) in … {`")
    }
    if words.contains("f"), code.contains("f\"") || code.contains("f'") {
      return slip("f", "`f\"…\"` is Python", "write `\"… \\(value)\"`")
    }
    if words.contains("lambda") {
      return slip("lambda", "`lambda` is Python", "write a closure: `{ x in x * 2 }`")
    }
    if words.contains("and") { return slip("and", "`and` is Python", "write `&&`") }
    if words.contains("or") { return slip("or", "`or` is Python", "write `||`") }
    if words.contains("not") { return slip("not", "`not` is Python", "write `!`") }
    if code.contains(" for "), code.contains(" in ") {
      return slip("for", "a comprehension is Python", "write `values.map { x in … }`")
    }
    return nil
  }
}

extension Substring {
  fileprivate var trimmedEnd: Substring {
    var text = self
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }

  fileprivate func trimmingPrefix(while condition: (Character) -> Bool) -> Substring {
    drop(while: condition)
  }

  fileprivate func range(of word: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(word) {
        let end = index(start, offsetBy: word.count)
        let before = start == startIndex ? " " : self[index(before: start)]
        let after = end == endIndex ? " " : self[end]
        let isWord = word.first?.isLetter == true
        if !isWord || !(before.isLetter || before.isNumber || after.isLetter || after.isNumber) {
          return start..<end
        }
      }
      start = index(after: start)
    }
    return nil
  }
}
