import SwiftSyntax

/// Source whose problems swift-syntax 603 cannot word without ending the program. To be asked before
/// `ParseDiagnosticsGenerator`.
enum ParserTrap {
  /// Where an `=` stands between spaces that the lexer finds uneven all the same, because of an unreadable character
  /// between: the suggestion for that has no change in it, which is a broken precondition. nil where there is none.
  static func offset(in file: SourceFileSyntax) -> Int? {
    file.tokens(viewMode: .all).first { token in
      token.tokenKind == .equal && token.hasError && hasSpace(token.trailingTrivia)
        && hasSpace(token.previousToken(viewMode: .all)?.trailingTrivia)
    }?.positionAfterSkippingLeadingTrivia.utf8Offset
  }

  private static func hasSpace(_ trivia: Trivia?) -> Bool {
    trivia?.contains {
      switch $0 {
      case .spaces, .tabs: true
      default: false
      }
    } ?? false
  }
}
