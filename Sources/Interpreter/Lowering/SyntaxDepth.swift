import SwiftSyntax

/// How deep a syntax tree is, found without recursion, so that walks that do recurse can be refused.
enum SyntaxDepth {
  /// The most levels of syntax nodes; one level of the language takes up to eight.
  static let limit = 8 * Lowerer.depthLimit

  /// In a tree with errors, what is this deep has mostly reached the parser's own limit. Wording the parser's problems
  /// takes time that grows with the square of the depth.
  static let limitWithErrors = Lowerer.depthLimit + Lowerer.depthLimit / 2

  /// The first node that is too deep; nil when the tree is shallow enough.
  static func tooDeep(_ root: some SyntaxProtocol) -> Syntax? {
    let limit = root.hasError ? limitWithErrors : limit
    var stack: [(node: Syntax, depth: Int)] = [(Syntax(root), 0)]
    while let (node, depth) = stack.popLast() {
      if depth > limit { return node }
      for child in node.children(viewMode: .all) where !child.is(TokenSyntax.self) {
        stack.append((child, depth + 1))
      }
    }
    return nil
  }

  /// Where brackets are nested too deep, found before parsing: the parser's time grows with the square of the depth of
  /// brackets, and worse where they could be types. Brackets in strings and comments do not count.
  static func tooManyBrackets(_ source: UnsafeBufferPointer<UInt8>) -> Int? {
    var depth = 0
    var index = 0
    func byte(_ offset: Int) -> UInt8 { index + offset < source.count ? source[index + offset] : 0 }
    while index < source.count {
      switch source[index] {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth > Lowerer.depthLimit { return index }
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
        while index < source.count, source[index] != UInt8(ascii: "\n") { index += 1 }
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
        index += 2
        while index < source.count, !(source[index] == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) { index += 1 }
      case UInt8(ascii: "\""):
        let quote = UInt8(ascii: "\"")
        let isLong = byte(1) == quote && byte(2) == quote
        index += isLong ? 3 : 1
        while index < source.count {
          if source[index] == UInt8(ascii: "\\") {
            index += 1
          } else if source[index] == quote, !isLong || (byte(1) == quote && byte(2) == quote) {
            index += isLong ? 2 : 0
            break
          } else if source[index] == UInt8(ascii: "\n"), !isLong {
            break
          }
          index += 1
        }
      default: break
      }
      index += 1
    }
    return nil
  }
}
