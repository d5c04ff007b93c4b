import SwiftSyntax

/// What kind of thing can stand at the end of a text.
struct CompletionPlace {
  enum Kind {
    case name
    case member(of: ExprSyntax)
    /// After a dot with nothing before it.
    case implicitMember(MemberAccessExprSyntax)
    /// At the start of an argument.
    case argument(FunctionCallExprSyntax)
    case typeName
    /// In the quotes of `params["…"]`.
    case key(of: ExprSyntax)
    case path(String)
    /// In a comment, or where a new name is made up.
    case nothing
  }

  let kind: Kind
  /// What is written of it already; completing replaces this.
  let partial: String
  let locals: VisibleNames
  private let folded: String

  /// nil when there is nothing to complete.
  init?(in tree: SourceFileSyntax, end: Int) {
    guard let last = tree.endOfFileToken.previousToken(viewMode: .sourceAccurate) else {
      guard !Self.endsInComment(tree.endOfFileToken.leadingTrivia) else { return nil }
      self.init(.name, "", VisibleNames(around: tree.endOfFileToken, at: end))
      return
    }
    let gap = last.trailingTrivia.pieces + tree.endOfFileToken.leadingTrivia.pieces
    guard !Self.endsInComment(Trivia(pieces: gap)) else { return nil }
    let locals = VisibleNames(around: last, at: end)
    if let (kind, partial) = Self.string(around: last) {
      self.init(kind, partial, locals)
      return
    }
    let isTouching = last.endPositionBeforeTrailingTrivia.utf8Offset == end
    switch last.tokenKind {
    case .integerLiteral where isTouching, .floatLiteral where isTouching: return nil
    case .identifier where isTouching, .keyword where isTouching, .dollarIdentifier where isTouching:
      guard let before = last.previousToken(viewMode: .sourceAccurate) else {
        self.init(.name, last.text, locals)
        return
      }
      self.init(Self.kind(after: before), last.text, locals)
    default: self.init(Self.kind(after: last), "", locals)
    }
  }

  private init(_ kind: Kind, _ partial: String, _ locals: VisibleNames) {
    self.kind = kind
    self.partial = partial
    self.locals = locals
    folded = partial.lowercased()
  }

  /// Whether a name begins with what is written, letter case aside.
  func fits(_ name: String) -> Bool { folded.isEmpty || name.lowercased().hasPrefix(folded) }

  private static func endsInComment(_ trivia: Trivia) -> Bool {
    switch trivia.pieces.last {
    case .lineComment, .docLineComment: true
    case .blockComment(let text), .docBlockComment(let text): !text.hasSuffix("*/")
    default: false
    }
  }

  /// Set when the text ends within a string literal that is not closed.
  private static func string(around token: TokenSyntax) -> (Kind, String)? {
    let literal: StringLiteralExprSyntax?
    let content: String
    switch token.tokenKind {
    case .stringSegment:
      literal = token.parent?.parent?.parent?.as(StringLiteralExprSyntax.self)
      content = token.text
    case .stringQuote, .multilineStringQuote:
      literal = token.parent?.as(StringLiteralExprSyntax.self)
      content = ""
      guard literal?.openingQuote == token else { return nil }
    default: return nil
    }
    guard let literal, literal.closingQuote.presence == .missing else { return nil }
    if let access = literal.parent?.parent?.parent?.as(SubscriptCallExprSyntax.self) {
      return (.key(of: access.calledExpression), content)
    }
    guard literal.openingQuote.tokenKind == .stringQuote, literal.segments.count <= 1 else {
      return (.nothing, "")
    }
    let name = content.lastIndex(of: "/").map { content[content.index(after: $0)...] } ?? Substring(content)
    return (.path(content), String(name))
  }

  private static func kind(after token: TokenSyntax) -> Kind {
    switch token.tokenKind {
    case .period:
      guard let access = token.parent?.as(MemberAccessExprSyntax.self) else { return .nothing }
      return access.base.map { .member(of: $0) } ?? .implicitMember(access)
    case .keyword(.let), .keyword(.var), .keyword(.func), .keyword(.struct), .keyword(.class),
      .keyword(.enum),
      .keyword(.import):
      // Also `if let x`; what follows `=` has another token before it.
      return .nothing
    case .leftParen:
      if let call = token.parent?.as(FunctionCallExprSyntax.self) { return .argument(call) }
      return token.parent?.is(FunctionParameterClauseSyntax.self) == true ? .nothing : .name
    case .comma:
      if let call = token.parent?.parent?.parent?.as(FunctionCallExprSyntax.self) { return .argument(call) }
      return token.parent?.is(FunctionParameterSyntax.self) == true ? .nothing : .name
    case .colon:
      let parent = token.parent
      let isType =
        parent?.is(TypeAnnotationSyntax.self) == true || parent?.is(FunctionParameterSyntax.self) == true
        || parent?.is(InheritanceClauseSyntax.self) == true
      return isType ? .typeName : .name
    case .arrow: return .typeName
    default: return .name
    }
  }
}
