import SwiftSyntax

/// How deep a syntax tree is, found without recursion, so that walks that do recurse can be refused.
enum SyntaxDepth {
  /// The most levels of syntax nodes; one level of the language takes up to eight.
  static let limit = 8 * Lowerer.depthLimit

  /// In a tree with errors, what is this deep has mostly reached the parser's own limit. Wording the parser's problems
  /// takes time that grows with the square of the depth.
  static let limitWithErrors = Lowerer.depthLimit + Lowerer.depthLimit / 2

  /// The first node that is too deep; nil when the tree is shallow enough.
  static func tooDeep(_ root: some SyntaxProtocol, limit: Int? = nil) -> Syntax? {
    let limit = limit ?? (root.hasError ? limitWithErrors : Self.limit)
    var stack: [(node: Syntax, depth: Int)] = [(Syntax(root), 0)]
    while let (node, depth) = stack.popLast() {
      if depth > limit { return node }
      for child in node.children(viewMode: .all) where !child.is(TokenSyntax.self) {
        stack.append((child, depth + 1))
      }
    }
    return nil
  }

  /// How deep `[` may follow on `[` (or `(`, or `key:`): the parser looks ahead for an array type at each, and its time
  /// doubles with every level.
  static let directBracketLimit = 12

  /// How many `<` may stand in one list of expressions. Each might open a list of generic arguments, and the parser looks
  /// ahead through all the others to find out.
  static let angleLimit = 400

  /// How many words may follow on each other with nothing but space between. A program never has so many; the parser
  /// descends at each `if`, and its limit on nesting does not see them.
  static let wordLimit = 10_000

  /// Where brackets are nested too deep, and how deep they may be. Found before parsing, whose time grows with the square of
  /// the depth. Brackets in strings and comments do not count.
  static func tooManyBrackets(_ source: UnsafeBufferPointer<UInt8>) -> (offset: Int, limit: Int)? {
    var scanner = BracketScanner(source)
    return scanner.scan()
  }
}

/// Counts brackets in source that has not been parsed.
private struct BracketScanner {
  private let source: UnsafeBufferPointer<UInt8>
  private var index = 0
  /// For each open bracket, how many `[` follow directly on each other up to it.
  private var runs: [Int] = []
  /// The last byte that is no space.
  private var previous: UInt8 = 0
  /// How many `<` stand since the last byte that no list of generic arguments contains.
  private var angles = 0
  private var hashes = 0
  private var words = 0
  private var isInWord = false

  init(_ source: UnsafeBufferPointer<UInt8>) { self.source = source }

  private func byte(_ offset: Int) -> UInt8 { index + offset < source.count ? source[index + offset] : 0 }

  mutating func scan() -> (offset: Int, limit: Int)? {
    while index < source.count {
      let current = source[index]
      switch current {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        let run = runLength(current)
        runs.append(run)
        if runs.count > Lowerer.depthLimit { return (index, Lowerer.depthLimit) }
        if run > SyntaxDepth.directBracketLimit { return (index, SyntaxDepth.directBracketLimit) }
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): _ = runs.popLast()
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
        while index < source.count, source[index] != UInt8(ascii: "\n") { index += 1 }
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
        index += 2
        while index < source.count, !(source[index] == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) {
          index += 1
        }
      case UInt8(ascii: "\""): skipString()
      default: break
      }
      countAngle(current)
      if angles > SyntaxDepth.angleLimit { return (index, SyntaxDepth.angleLimit) }
      countHash(current)
      if hashes > SyntaxDepth.angleLimit { return (index, SyntaxDepth.angleLimit) }
      countWord(current)
      if words > SyntaxDepth.wordLimit { return (index, Lowerer.depthLimit) }
      if current > 0x20 { previous = current }
      index += 1
    }
    return nil
  }

  private mutating func countAngle(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "<"): angles += 1
    case UInt8(ascii: "\n"):
      // A list goes on after a comma or an opening bracket.
      switch previous {
      case UInt8(ascii: ","), UInt8(ascii: "<"), UInt8(ascii: "["), UInt8(ascii: "("): break
      default: angles = 0
      }
    case UInt8(ascii: ";"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "="), UInt8(ascii: "|"),
      UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: "\""):
      angles = 0
    default: break
    }
  }

  /// `#` in a row: at each the parser looks ahead for the end of a raw string.
  private mutating func countHash(_ byte: UInt8) { hashes = byte == UInt8(ascii: "#") ? hashes + 1 : 0 }

  private mutating func countWord(_ byte: UInt8) {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D: isInWord = false
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...:
      if !isInWord { words += 1 }
      isInWord = true
    default:
      words = 0
      isInWord = false
    }
  }

  private func runLength(_ bracket: UInt8) -> Int {
    if bracket == UInt8(ascii: "{") { return 0 }
    let isSquare = bracket == UInt8(ascii: "[")
    switch previous {
    case UInt8(ascii: "["), UInt8(ascii: "("), UInt8(ascii: ":"), UInt8(ascii: "<"):
      return (runs.last ?? 0) + (isSquare ? 1 : 0)
    default: return isSquare ? 1 : 0
    }
  }

  private mutating func skipString() {
    let quote = UInt8(ascii: "\"")
    let isLong = byte(1) == quote && byte(2) == quote
    index += isLong ? 3 : 1
    while index < source.count {
      if source[index] == UInt8(ascii: "\\") {
        index += 1
      } else if source[index] == quote, !isLong || (byte(1) == quote && byte(2) == quote) {
        index += isLong ? 2 : 0
        return
      } else if source[index] == UInt8(ascii: "\n"), !isLong {
        return
      }
      index += 1
    }
  }
}
