import Diagnostics

/// A line of a source where a program is to pause.
public struct LineBreakpoint: Hashable, Sendable {
  /// From 1.
  public var line: Int
  /// An expression of the language; the program pauses where it is true.
  public var condition: String?

  public init(line: Int, condition: String? = nil) {
    self.line = line
    self.condition = condition
  }
}

/// A function whose beginning is where a program is to pause.
public struct FunctionBreakpoint: Hashable, Sendable {
  /// `forward`: any function or method of this name.
  public var name: String
  public var condition: String?

  public init(name: String, condition: String? = nil) {
    self.name = name
    self.condition = condition
  }
}

/// A breakpoint at a statement.
struct Breakpoint {
  let condition: String?
}

/// The statements of a function at which to pause, by where they start, as of one version of what is wanted.
struct PlacedBreakpoints {
  var version = -1
  var statements: [Int: Breakpoint] = [:]
}

extension FunctionCode {
  /// The breakpoint at a statement; `placing` finds those of this function when they have changed.
  func breakpoint(at node: Node, version: Int, placing: (FunctionCode) -> [Int: Breakpoint]) -> Breakpoint? {
    if breakpoints.version != version {
      breakpoints = PlacedBreakpoints(version: version, statements: placing(self))
    }
    return breakpoints.statements.isEmpty ? nil : breakpoints.statements[node.span.start]
  }

  func placed(_ lines: [LineBreakpoint], _ functions: [FunctionBreakpoint]) -> [Int: Breakpoint] {
    var placed: [Int: Breakpoint] = [:]
    if let function = functions.first(where: { $0.name == name }), !isClosure, let first = ownStatements.first
    {
      placed[first.span.start] = Breakpoint(condition: function.condition)
    }
    guard !lines.isEmpty else { return placed }
    // A closure's statements on the line where it begins belong to the statement around it.
    var taken: Set<Int> = isClosure ? [source.position(at: span.start).line] : []
    for statement in ownStatements {
      let line = source.position(at: statement.span.start).line
      guard taken.insert(line).inserted, let wanted = lines.first(where: { $0.line == line }) else {
        continue
      }
      placed[statement.span.start] = Breakpoint(condition: wanted.condition)
    }
    return placed
  }

  /// The statements that run as this function's own, without those of functions inside, in the order of the source.
  private var ownStatements: [Node] {
    if let single { return [single] + statements(in: single.children) }
    return statements(in: [body])
  }

  private func statements(in nodes: [Node]) -> [Node] {
    var found: [Node] = []
    var waiting = Array(nodes.reversed())
    while let node = waiting.popLast() {
      if node is FunctionCode || node is StructDeclaration { continue }
      if let statement = node as? Statement, statement.isStop { found.append(node) }
      waiting += node.children.reversed()
    }
    return found.sorted { $0.span.start < $1.span.start }
  }
}
