import Diagnostics
import Display
import SwiftSyntax

/// Says what stands under the cursor: the name there, or else the function whose arguments are being written.
///
/// Reads only an immutable snapshot and the registry, so any thread may ask while a cell runs.
public struct Inspector: Sendable {
  private let registry: Registry
  private let snapshot: Snapshot
  private let pages: HelpPages

  public init(registry: Registry, snapshot: Snapshot) {
    self.registry = registry
    self.snapshot = snapshot
    pages = HelpPages(registry: registry, snapshot: snapshot)
  }

  /// - Parameters:
  ///   - cursor: in code points.
  ///   - detail: 0 for signature and value type, 1 also for formula, shapes, example, source and current value.
  /// - Returns: nil when nothing is known of what stands there. `text/plain` always, `text/html` and `text/markdown` too.
  public func inspect(_ text: String, at cursor: Int, detail: HelpPages.Detail) -> MIMEBundle? {
    page(text, at: cursor, detail)?.mimeBundle
  }

  /// What to explain when a cell is nothing but a question: `name` of `name?`, `?name` or `help(name)`; nil for other cells.
  public static func question(in text: String) -> String? {
    var subject = trimmed(Substring(text))
    if subject.hasPrefix("help("), subject.hasSuffix(")") {
      subject = subject.dropFirst(5).dropLast()
    } else if subject.hasSuffix("?") {
      while subject.last == "?" { subject.removeLast() }
    } else if subject.hasPrefix("?") {
      while subject.first == "?" { subject.removeFirst() }
    } else {
      return nil
    }
    subject = trimmed(subject)
    let isName = subject.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    let startsWell = subject.first.map { !$0.isNumber && $0 != "." } ?? false
    return isName && startsWell && subject.last != "." ? String(subject) : nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.last?.isWhitespace == true { text.removeLast() }
    while text.first?.isWhitespace == true { text.removeFirst() }
    return text
  }

  func page(_ text: String, at cursor: Int, _ detail: HelpPages.Detail) -> HelpPage? {
    let source = SourceText(name: "", text: text)
    let offset = source.utf8Offset(ofCodePoint: cursor)
    guard let tree = BoundedParse.tree(of: source.text), let token = Self.token(in: tree, at: offset) else {
      return nil
    }
    let locals = VisibleNames(around: token, at: token.positionAfterSkippingLeadingTrivia.utf8Offset)
    let inference = TypeInference(registry: registry, snapshot: snapshot, locals: locals)
    if let page = page(for: token, inference, detail) { return page }
    // Inside the arguments of a call: its function.
    var node = Syntax(token)
    while let parent = node.parent {
      if let call = parent.as(FunctionCallExprSyntax.self), node.id != call.calledExpression.id,
        let callee = Self.name(of: call.calledExpression), let page = page(for: callee, inference, detail)
      {
        return page
      }
      node = parent
    }
    return nil
  }

  /// The token under the cursor, or the one that ends there; a name rather than anything else.
  private static func token(in tree: SourceFileSyntax, at offset: Int) -> TokenSyntax? {
    var best: TokenSyntax?
    for token in tree.tokens(viewMode: .sourceAccurate) {
      let start = token.positionAfterSkippingLeadingTrivia.utf8Offset
      if start > offset { break }
      if token.tokenKind == .endOfFile { continue }
      let touches = offset <= token.endPositionBeforeTrailingTrivia.utf8Offset
      if touches, let previous = best, isName(previous),
        previous.endPositionBeforeTrailingTrivia.utf8Offset >= offset,
        !isName(token)
      {
        continue
      }
      if token.trimmedLength.utf8Length > 0 { best = token }
    }
    return best
  }

  private static func isName(_ token: TokenSyntax) -> Bool {
    switch token.tokenKind {
    case .identifier, .keyword(.self), .keyword(.`init`), .dollarIdentifier: true
    default: false
    }
  }

  private static func name(of expression: ExprSyntax) -> TokenSyntax? {
    if let name = expression.as(DeclReferenceExprSyntax.self) { return name.baseName }
    return expression.as(MemberAccessExprSyntax.self)?.declName.baseName
  }

  private func page(for token: TokenSyntax, _ inference: TypeInference, _ detail: HelpPages.Detail)
    -> HelpPage?
  {
    if let reference = token.parent?.as(DeclReferenceExprSyntax.self) {
      if let access = reference.parent?.as(MemberAccessExprSyntax.self), access.declName.id == reference.id {
        return member(token.name, of: access, inference, detail)
      }
      return page(named: token.name, inference, detail)
    }
    if let argument = token.parent?.as(LabeledExprSyntax.self), argument.label == token,
      let call = argument.parent?.parent?.as(FunctionCallExprSyntax.self)
    {
      let callee = inference.type(of: call.calledExpression)
      let builtin = callee.builtin ?? (callee.isType ? callee.description?.initializer : nil)
      for signature in builtin?.signatures ?? [] {
        if let builtin, let parameter = signature.parameters.first(where: { $0.answers(to: token.name) }) {
          return pages.page(parameter, of: builtin, detail)
        }
      }
      return nil
    }
    guard case .identifier = token.tokenKind else { return nil }
    return page(named: token.name, inference, detail)
  }

  private func page(named name: String, _ inference: TypeInference, _ detail: HelpPages.Detail) -> HelpPage? {
    if let local = inference.locals.first(name) {
      // What has run says more than the code.
      if let variable = snapshot.variables[name] { return pages.page(variable, detail) }
      return pages.page(local: name, inference.type(of: local))
    }
    if let variable = snapshot.variables[name] { return pages.page(variable, detail) }
    switch registry.global(name) {
    case .function(let builtin)?: return pages.page(builtin, detail)
    case .type(let type)?: return pages.page(type, detail)
    case .constant(let constant)?: return pages.page(constant, detail)
    case nil: return registry.types[name].map { pages.page($0, detail) }
    }
  }

  private func member(
    _ name: String, of access: MemberAccessExprSyntax, _ inference: TypeInference, _ detail: HelpPages.Detail
  ) -> HelpPage? {
    guard let base = access.base else {
      let types = registry.types.values.filter { type in
        if case .case? = type.staticMember(name) { true } else { false }
      }
      guard let type = types.min(by: { $0.name < $1.name }), let member = type.staticMember(name) else {
        return nil
      }
      return pages.page(member, of: type, detail)
    }
    let type = inference.type(of: base)
    let owner = type.description ?? type.structure.flatMap(inference.hookType)
    if let owner, let member = type.isType ? owner.staticMember(name) : owner.member(name) {
      return pages.page(member, of: owner, detail)
    }
    let inferred = inference.type(of: ExprSyntax(access))
    return inferred.isKnown ? pages.page(local: name, inferred) : nil
  }
}
