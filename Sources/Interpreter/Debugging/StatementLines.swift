import Diagnostics
import SwiftSyntax

/// The lines of a text on which statements begin that a program can pause at.
enum StatementLines {
  /// From 1, rising; empty for what cannot be parsed. Declarations of functions and structs are none: their bodies have some.
  static func of(_ text: String) -> [Int] {
    guard let tree = BoundedParse.tree(of: text), !tree.hasError else { return [] }
    let collector = Collector(viewMode: .sourceAccurate)
    collector.walk(tree)
    let source = SourceText(name: "", text: text)
    return Set(collector.starts.map { source.position(at: $0).line }).sorted()
  }

  private final class Collector: SyntaxVisitor {
    var starts: [Int] = []

    override func visit(_ node: CodeBlockItemSyntax) -> SyntaxVisitorContinueKind {
      switch node.item {
      case .decl(let declaration) where !declaration.is(VariableDeclSyntax.self): break
      default: starts.append(node.positionAfterSkippingLeadingTrivia.utf8Offset)
      }
      return .visitChildren
    }
  }
}
