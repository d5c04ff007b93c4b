/// The whole registry as one Markdown page, by topic: `docs/reference.md`. Any thread may use it.
public struct ReferencePage: Sendable {
  let registry: Registry
  let pages: HelpPages
  /// The address of each entry on the page, by its name.
  private let anchors: [String: String]

  public init(_ registry: Registry) {
    self.registry = registry
    pages = HelpPages(registry: registry, snapshot: .empty)
    var slugs = MarkdownSlugs()
    for heading in [Self.title, Self.contents] { _ = slugs.slug(heading) }
    var anchors: [String: String] = [:]
    for contents in registry.topics {
      anchors["# " + contents.topic.title] = slugs.slug(contents.topic.title)
      for name in Self.names(of: contents, registry) { anchors[name] = slugs.slug(name) }
    }
    anchors["# " + Self.habits] = slugs.slug(Self.habits)
    self.anchors = anchors
  }

  private static let title = "Reference"
  private static let contents = "Contents"
  private static let habits = "Habits of PyTorch and torchmeta"

  public var markdown: String {
    let blocks = [introduction, tableOfContents] + registry.topics.map(section) + [habitSection]
    return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var introduction: String {
    """
    # \(Self.title)

    Every name of the language: how it is called, what it gives, its formula, an example, where it is from. \
    This page is written by `make reference` from the descriptions that the program itself works by; in a session, \
    `name?` shows the same.

    A parameter written `_ x: T` takes its argument without a label; `= v` is what is passed when it is left out. \
    Any name, member or label may also be written in snake_case.
    """
  }

  private var tableOfContents: String {
    let lines = registry.topics.map { contents in
      let names = Self.names(of: contents, registry).map { link($0) }
      return "- \(topicLink(contents.topic.title)): \(names.joined(separator: " "))"
    }
    return (["## \(Self.contents)\n"] + lines + ["- \(topicLink(Self.habits))"]).joined(separator: "\n")
  }

  /// Names one can write first, then the types that calls give, then enumerations; each as they were registered.
  private static func names(of contents: TopicContents, _ registry: Registry) -> [String] {
    func rank(_ name: String) -> Int {
      if let type = registry.types[name], !type.caseNames.isEmpty { return 2 }
      return registry.globals[name] == nil && registry.hooks[name] == nil ? 1 : 0
    }
    let ranks = contents.names.map(rank)
    return (0...2).flatMap { wanted in zip(contents.names, ranks).filter { $0.1 == wanted }.map(\.0) }
  }

  private func section(_ contents: TopicContents) -> String {
    let head = "## \(contents.topic.title)\n\n\(Markdown.text(contents.topic.summary))"
    return ([head] + Self.names(of: contents, registry).map(entry)).joined(separator: "\n\n")
  }

  private func entry(_ name: String) -> String {
    var blocks = ["### \(name)"]
    switch registry.globals[name] {
    case .function(let builtin)?: blocks += function(builtin)
    case .constant(let constant)?:
      blocks.append(Markdown.code("\(name): \(constant.type) = \(constant.value)"))
      blocks += documentation(constant.documentation)
    case .type?, nil: break
    }
    if let hook = registry.hooks[name] {
      blocks.append(Markdown.code("struct Net: \(name) { … }"))
      blocks += documentation(hook.documentation)
    }
    if let type = registry.types[name] { blocks += self.type(type) }
    return blocks.joined(separator: "\n\n")
  }

  /// What is written out of habit, and what is answered.
  private var habitSection: String {
    let rows = registry.habits.sorted { ($0.name, $0.hint) < ($1.name, $1.hint) }.map { habit in
      let name =
        habit.place == .member ? ".\(habit.name)" : habit.place == .label ? "\(habit.name):" : habit.name
      return ["`\(name)`", Markdown.cell(habit.hint)]
    }
    guard !rows.isEmpty else { return "" }
    return "## \(Self.habits)\n\nThese have no place here; the program says so and names what to write.\n\n"
      + Markdown.table(["Written", "Answered"], rows.uniqued())
  }

  func link(_ name: String) -> String { anchors[name].map { "[`\(name)`](#\($0))" } ?? "`\(name)`" }

  private func topicLink(_ title: String) -> String { "[\(title)](#\(anchors["# " + title] ?? ""))" }
}

extension Array where Element: Hashable {
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
