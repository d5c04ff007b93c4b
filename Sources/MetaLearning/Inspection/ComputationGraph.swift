import ArrayCore
import Autograd
import OrderedCollections

/// The computation that led to a tensor, for a picture: operations, or groups of them, by inner step and pass.
///
/// Where a graph has more nodes than wanted, operations of a layer, then of a pass, become one node; what does not fit
/// even so is left out and counted.
public struct ComputationGraph: Sendable {
  /// How much becomes one node.
  public enum Detail: String, CaseIterable, Sendable {
    /// The finest that stays within the number of nodes.
    case automatic
    /// An operation.
    case operations
    /// The operations of one layer in one pass.
    case layers
    /// A pass: the forward pass of an inner step, its gradient, its update.
    case passes
  }

  /// What the operations of a node do.
  public enum Pass: Int, Sendable, Hashable {
    case parameter, constant, forward, gradient, update
  }

  /// One or several operations, leaves or constants.
  public struct Node: Sendable {
    public let pass: Pass
    /// What it is, in words: `matmul`, `layer 0, forward pass`.
    public let title: String
    /// The shape of the last result.
    public let shape: Shape
    /// How many operations, leaves or constants it stands for.
    public var count: Int
    /// What its operations keep of their own results, and of each other's.
    public var bytes = 0
    /// Whether first order leaves out all of it.
    public var isSecondOrder = true
    /// The place among ``parts``; nil for what belongs to several.
    public let part: Int?
  }

  /// What operations of one node read of another.
  public struct Edge: Sendable {
    public let source: Int
    public let target: Int
    /// The bytes kept of it for the derivative, and those of them that nothing before keeps.
    public internal(set) var keptBytes = 0
    public internal(set) var bytes = 0
    /// Whether first order leaves out all of it.
    public internal(set) var isSecondOrder = true
  }

  /// A stretch of the computation: an inner step, or what comes after the last.
  public struct Part: Sendable {
    public let title: String
    /// How many operations it has, and how many of those belong to gradients.
    public internal(set) var operations = 0
    public internal(set) var gradientOperations = 0
    /// What they keep, without leaves and constants.
    public internal(set) var bytes = 0
    /// How many operations, and how many bytes they keep, first order leaves out.
    public internal(set) var secondOrderOperations = 0
    public internal(set) var secondOrderBytes = 0
  }

  public internal(set) var nodes: [Node] = []
  public internal(set) var edges: [Edge] = []
  public internal(set) var parts: [Part] = []
  public let detail: Detail
  /// The whole graph.
  public let description: GraphDescription
  /// How many operations are in no node.
  public internal(set) var leftOut = 0

  /// - Parameters:
  ///   - tensor: what was computed.
  ///   - names: what leaves and constants are called.
  ///   - detail: what a node stands for.
  ///   - maxNodes: at most so many nodes.
  /// - Throws: ``LearningError/argument(type:reason:)`` for a tensor that was not recorded.
  public init(
    of tensor: Tensor, names: [(name: String, tensor: Tensor)] = [], detail: Detail = .automatic,
    maxNodes: Int = 100
  ) throws {
    try requireCount(maxNodes, "maxNodes", of: "graph")
    guard tensor.isRecorded else {
      throw LearningError.argument(
        type: "graph",
        reason:
          "the tensor has no graph: it is a constant, was detached, or comes from a training step, which keeps none"
      )
    }
    let description = GraphDescription(of: tensor, names: names)
    let places = GraphPlaces(description)
    let choices: [Detail] = detail == .automatic ? [.operations, .layers, .passes] : [detail]
    var groups = places.groups(choices[0])
    var chosen = choices[0]
    for choice in choices.dropFirst() where groups.count > maxNodes {
      (groups, chosen) = (places.groups(choice), choice)
    }
    self.detail = chosen
    self.description = description
    parts = places.summary
    fill(groups, places, maxNodes: maxNodes)
  }

  /// The picture's nodes: the groups closest to the result, as many as are wanted, and the edges between them.
  private mutating func fill(_ groups: [[Int]], _ places: GraphPlaces, maxNodes: Int) {
    // Groups come in the order of computation; what is nearest to the beginning shows how everything starts, so that
    // whole tasks, which look alike, are dropped first.
    var shown = groups
    if shown.count > maxNodes, places.chainCount > 1 {
      shown = groups.filter { (places.chain[$0[0]] ?? 0) == 0 }
    }
    if shown.count > maxNodes { shown = Array(shown.suffix(maxNodes)) }
    var nodeOf: [Int: Int] = [:]
    for (index, group) in shown.enumerated() {
      nodes.append(places.node(group, detail: detail))
      for vertex in group { nodeOf[vertex] = index }
    }
    leftOut = description.vertices.indices.count {
      description.vertices[$0].kind == .operation && nodeOf[$0] == nil
    }
    var between: OrderedDictionary<[Int], Edge> = [:]
    for edge in places.edges {
      guard let source = nodeOf[edge.source], let target = nodeOf[edge.target] else { continue }
      if source == target {
        nodes[target].bytes += edge.bytes
        continue
      }
      var sum = between[[source, target]] ?? Edge(source: source, target: target)
      sum.keptBytes += edge.keptBytes
      sum.bytes += edge.bytes
      sum.isSecondOrder = sum.isSecondOrder && edge.isSecondOrder
      between[[source, target]] = sum
    }
    edges = Array(between.values)
  }
}
