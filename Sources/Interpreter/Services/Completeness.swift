import Diagnostics
import SwiftParserDiagnostics
import SwiftSyntax

/// Whether input could run as it stands, as a front end asks when the user presses Return.
public enum Completeness: Hashable, Sendable {
  case complete
  /// More must follow; `indent` is the white space to begin the next line with.
  case incomplete(indent: String)
  /// No continuation could make it right.
  case invalid

  /// Spaces of one level.
  public static let indentUnit = "    "

  /// Decided from the parser's own diagnostics: input is incomplete when all that is wrong with it is wrong at its very end, and a bracket, a
  /// multi-line string, a comment, an operator or a statement is still open there. Any thread may ask.
  public init(of text: String) {
    // What is too large or too deep is refused when it runs.
    guard let tree = BoundedParse.tree(of: text) else {
      self = .invalid
      return
    }
    guard tree.hasError else {
      let isOpen = Self.endsInOpenComment(tree) || Self.endsInSignature(tree)
      self = isOpen ? .incomplete(indent: OpenEnds(of: tree, in: text).indent) : .complete
      return
    }
    let ends = OpenEnds(of: tree, in: text)
    if ParserTrap.offset(in: tree) != nil {
      self = .invalid
      return
    }
    let errors = ParseDiagnosticsGenerator.diagnostics(for: tree).filter { $0.diagMessage.severity == .error }
    let isOpen = !ends.opensString && errors.allSatisfy { ends.isAtEnd($0.position.utf8Offset, $0.message) }
    self = isOpen ? .incomplete(indent: ends.indent) : .invalid
  }

  private static func endsInOpenComment(_ tree: SourceFileSyntax) -> Bool {
    guard case .blockComment(let text)? = tree.endOfFileToken.leadingTrivia.pieces.last else { return false }
    return !OpenEnds.isClosedComment(text)
  }
}

extension Completeness {
  /// `func f()` parses, as in a protocol, but here it lacks its body.
  private static func endsInSignature(_ tree: SourceFileSyntax) -> Bool {
    guard case .decl(let declaration)? = tree.statements.last?.item else { return false }
    if let function = declaration.as(FunctionDeclSyntax.self) { return function.body == nil }
    if let initializer = declaration.as(InitializerDeclSyntax.self) { return initializer.body == nil }
    return false
  }
}

/// How a text ends: where its last token is, and what is still open there.
private struct OpenEnds {
  /// The end of the last token that is really there.
  private var lastTokenEnd = 0
  private var opensComment = false
  private var opensMultilineString = false
  /// A string on one line is not closed; no further line can close it.
  private(set) var opensString = false
  private var lineStarts: SourceText
  /// Brackets still open: offset of each, and whether it is the brace of a `switch`.
  private var open: [(offset: Int, isSwitch: Bool)] = []
  /// Start of the last statement at the innermost level.
  private var hasCaseLabel = false

  init(of tree: SourceFileSyntax, in text: String) {
    lineStarts = SourceText(name: "", text: text)
    for token in tree.tokens(viewMode: .sourceAccurate) {
      switch token.tokenKind {
      case .endOfFile:
        if case .blockComment(let comment)? = token.leadingTrivia.pieces.last {
          opensComment = !Self.isClosedComment(comment)
        }
        continue
      case .leftBrace, .leftParen, .leftSquare:
        open.append((token.positionAfterSkippingLeadingTrivia.utf8Offset, Self.opensSwitch(token)))
        hasCaseLabel = false
      case .rightBrace, .rightParen, .rightSquare:
        if !open.isEmpty { open.removeLast() }
      case .keyword(.case), .keyword(.default):
        if open.last?.isSwitch == true { hasCaseLabel = true }
      case .multilineStringQuote:
        if Self.isUnclosed(token) { opensMultilineString = true }
      case .stringQuote:
        if Self.isUnclosed(token) { opensString = true }
      default: break
      }
      if token.trimmedLength.utf8Length > 0 {
        lastTokenEnd = token.endPositionBeforeTrailingTrivia.utf8Offset
      }
    }
  }

  /// A `/* … */` with as many ends as beginnings: Swift's comments nest.
  static func isClosedComment(_ text: String) -> Bool {
    var depth = 0
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if previous == UInt8(ascii: "/"), byte == UInt8(ascii: "*") {
        depth += 1
        previous = 0
      } else if previous == UInt8(ascii: "*"), byte == UInt8(ascii: "/") {
        depth -= 1
        previous = 0
      } else {
        previous = byte
      }
    }
    return depth <= 0
  }

  private static func isUnclosed(_ token: TokenSyntax) -> Bool {
    guard let literal = token.parent?.as(StringLiteralExprSyntax.self), literal.openingQuote == token else {
      return false
    }
    return literal.closingQuote.presence == .missing
  }

  private static func opensSwitch(_ token: TokenSyntax) -> Bool {
    token.tokenKind == .leftBrace && token.parent?.is(SwitchExprSyntax.self) == true
  }

  /// Whether a diagnostic of the parser is about what does not stand there yet.
  func isAtEnd(_ offset: Int, _ message: String) -> Bool {
    offset >= lastTokenEnd || (opensComment && message == "unterminated '/*' comment")
  }

  var indent: String {
    // The content of an open string is the user's.
    if opensMultilineString { return leadingSpace(ofLineAt: lineStarts.utf8Count) }
    guard let innermost = open.last else {
      return leadingSpace(ofLineAt: lastTokenEnd) + (opensComment ? "" : Completeness.indentUnit)
    }
    let base = leadingSpace(ofLineAt: innermost.offset)
    return innermost.isSwitch && !hasCaseLabel ? base : base + Completeness.indentUnit
  }

  private func leadingSpace(ofLineAt offset: Int) -> String {
    guard let span = lineStarts.span(ofLine: lineStarts.line(at: offset)) else { return "" }
    return String(lineStarts[span].prefix { $0 == " " || $0 == "\t" })
  }
}
