/// Boxes with arrows between them, some of them framed together.
///
/// It has no layout of its own: Mermaid, which JupyterLab draws, and Graphviz find one.
public struct Diagram: Hashable, Sendable {
  /// The colour of a box.
  public enum Tone: Int, Hashable, Sendable, CaseIterable {
    case grey, yellow, blue, purple, green

    /// Fill and border, which read on white and on black under dark text.
    var colours: (fill: String, border: String) {
      switch self {
      case .grey: ("#e8e8e8", "#8c8c8c")
      case .yellow: ("#fbe6b4", "#c99a1e")
      case .blue: ("#d3e3f5", "#4c78a8")
      case .purple: ("#ead8ee", "#b279a2")
      case .green: ("#d6ecd2", "#54a24b")
      }
    }
  }

  public struct Node: Hashable, Sendable {
    /// One under another.
    public var lines: [String]
    public var tone: Tone
    /// Drawn as what is not always there.
    public var isDashed: Bool
    public var isRounded: Bool
    /// The place among the frames.
    public var frame: Int?

    public init(
      _ lines: [String], tone: Tone = .grey, isDashed: Bool = false, isRounded: Bool = false,
      frame: Int? = nil
    ) {
      self.lines = lines
      self.tone = tone
      self.isDashed = isDashed
      self.isRounded = isRounded
      self.frame = frame
    }
  }

  public struct Edge: Hashable, Sendable {
    public var source: Int
    public var target: Int
    public var label: String
    /// Drawn red and dashed.
    public var isDashed: Bool

    public init(from source: Int, to target: Int, label: String = "", isDashed: Bool = false) {
      self.source = source
      self.target = target
      self.label = label
      self.isDashed = isDashed
    }
  }

  public var nodes: [Node]
  /// Between places in ``nodes``.
  public private(set) var edges: [Edge]
  /// The titles of frames.
  public var frames: [String]
  /// What stands above, a line each.
  public var title: [String]

  /// Edges that do not lead from a node to a node are dropped.
  public init(_ nodes: [Node], _ edges: [Edge], frames: [String] = [], title: [String] = []) {
    self.nodes = nodes
    self.edges = edges.filter { nodes.indices.contains($0.source) && nodes.indices.contains($0.target) }
    self.frames = frames
    self.title = title
  }

  static let dashColour = "#d62728"

  /// The nodes of each frame, and those without one.
  var framed: (inside: [(frame: Int, nodes: [Int])], outside: [Int]) {
    var inside: [Int: [Int]] = [:]
    var outside: [Int] = []
    for (place, node) in nodes.enumerated() {
      if let frame = node.frame, frames.indices.contains(frame) {
        inside[frame, default: []].append(place)
      } else {
        outside.append(place)
      }
    }
    return (inside.keys.sorted().map { ($0, inside[$0] ?? []) }, outside)
  }
}
