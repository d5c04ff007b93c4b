import Diagnostics
import SwiftSyntax

/// One thing that can be written at the cursor.
public struct CompletionMatch: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    case function
    case type = "class"
    case variable = "instance"
    case property, keyword
    case label = "param"
    case enumerationCase = "enum"
    case path
    case key = "string"
  }

  /// What replaces the text between `cursorStart` and `cursorEnd`.
  public let text: String
  public let kind: Kind
  /// The type or the signature, as shown beside the name; may be empty.
  public let detail: String
  public let summary: String

  public init(_ text: String, _ kind: Kind, detail: String = "", summary: String = "") {
    self.text = text
    self.kind = kind
    self.detail = detail
    self.summary = summary
  }
}

/// What can be written at a cursor. Positions are in code points, as Jupyter counts.
public struct CompletionResult: Hashable, Sendable {
  public let matches: [CompletionMatch]
  public let cursorStart: Int
  public let cursorEnd: Int
}

/// Completes unfinished code: names, members, argument labels, cases after a dot, keys in `params["…"]`, paths in strings.
///
/// Reads only an immutable snapshot and the registry (and, for paths, the file system), so any thread may ask while a cell runs.
public struct Completer: Sendable {
  let registry: Registry
  let snapshot: Snapshot
  /// Where relative paths begin.
  let folder: String

  public init(registry: Registry, snapshot: Snapshot, folder: String = ".") {
    self.registry = registry
    self.snapshot = snapshot
    self.folder = folder
  }

  /// - Parameter cursor: in code points.
  public func complete(_ text: String, at cursor: Int) -> CompletionResult {
    let source = SourceText(name: "", text: text)
    let end = source.utf8Offset(ofCodePoint: cursor)
    let cursor = source.codePointOffset(ofUTF8: end)
    // What follows the cursor says little about what may stand there, and breaks more than it tells.
    guard let tree = BoundedParse.tree(of: source[Span(start: 0, end: end)]),
      let place = CompletionPlace(in: tree, end: end)
    else { return CompletionResult(matches: [], cursorStart: cursor, cursorEnd: cursor) }
    let matches = ranked(candidates(at: place), at: place)
    return CompletionResult(
      matches: matches, cursorStart: source.codePointOffset(ofUTF8: end - place.partial.utf8.count),
      cursorEnd: cursor)
  }

  private func candidates(at place: CompletionPlace) -> [CompletionMatch] {
    let inference = TypeInference(registry: registry, snapshot: snapshot, locals: place.locals)
    switch place.kind {
    case .member(let base): return members(of: inference.type(of: base), place, inference)
    case .implicitMember(let access): return cases(for: access, inference)
    case .argument(let call): return labels(of: call, inference) + names(place, inference)
    case .name: return names(place, inference)
    case .typeName: return typeNames(place)
    case .key(let base): return keys(of: inference.type(of: base))
    case .path(let text): return paths(text)
    case .nothing: return []
    }
  }

  /// Those that begin with what is written, letter case aside: exact ones first; labels before names, keywords last.
  private func ranked(_ candidates: [CompletionMatch], at place: CompletionPlace) -> [CompletionMatch] {
    var seen: Set<String> = []
    let fitting = candidates.filter { place.fits($0.text) && seen.insert($0.text).inserted }
    func rank(_ match: CompletionMatch) -> (Int, Int, String, String) {
      let order = match.kind == .label ? 0 : match.kind == .keyword ? 2 : 1
      return (match.text.hasPrefix(place.partial) ? 0 : 1, order, match.text.lowercased(), match.text)
    }
    return fitting.map { (rank($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
