import SwiftParser
import SwiftSyntax

/// Parses what a front end asks about, unless it is so large or so deep that an answer could not come in time: the services
/// answer on the thread that serves requests.
enum BoundedParse {
  /// nil when the text is not worth an answer.
  static func tree(of text: String) -> SourceFileSyntax? {
    guard text.utf8.count <= Evaluator.sizeLimit else { return nil }
    var text = text
    let tree = text.withUTF8 { bytes -> SourceFileSyntax? in
      guard SyntaxDepth.tooManyBrackets(bytes) == nil else { return nil }
      return Parser.parse(source: bytes)
    }
    guard let tree, SyntaxDepth.tooDeep(tree) == nil else { return nil }
    return tree
  }
}
