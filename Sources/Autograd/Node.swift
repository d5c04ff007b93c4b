import ArrayCore
import Synchronization

/// How a node refers to an input.
enum Edge {
  /// Not recorded, and its numbers are not needed.
  case none
  /// Recorded; its numbers are not needed.
  case link(Node)
  /// Its numbers are needed by the rule.
  case value(Tensor)

  @inline(__always)
  init(_ tensor: Tensor, keep: Bool) {
    if keep {
      self = .value(tensor)
    } else if let node = tensor.node {
      self = .link(node)
    } else {
      self = .none
    }
  }

  @inline(__always)
  var node: Node? {
    switch self {
    case .none: nil
    case .link(let node): node
    case .value(let tensor): tensor.node
    }
  }
}

/// A recorded operation, or a leaf.
///
/// A node holds its inputs as far as its rule needs them, never its own output tensor, so there are no
/// cycles. Identifiers grow with time: an input's is below that of everything computed from it.
package final class Node: @unchecked Sendable {
  package let id: UInt64
  /// Nil for a leaf.
  package let operation: Operation?
  /// The output's shape without the task axis.
  package let shape: Shape
  package let dtype: DType
  package let taskCount: Int?
  package let mark: RecordingMark
  // Written while the node is made and while it is freed, by one thread each; checking every read for
  // overlap at run time cost six percent of a small step.
  @exclusivity(unchecked) var first = Edge.none
  @exclusivity(unchecked) var second = Edge.none
  @exclusivity(unchecked) var third = Edge.none
  @exclusivity(unchecked) var rest: [Edge] = []
  /// The output's numbers, without a place in the graph, when the rule needs them.
  @exclusivity(unchecked) var output: Tensor?

  private static let counter = Atomic<UInt64>(1)

  init(
    _ operation: Operation?, shape: Shape, dtype: DType, taskCount: Int?,
    mark: RecordingMark = RecordingMark()
  ) {
    self.id = Node.counter.wrappingAdd(1, ordering: .relaxed).oldValue
    self.operation = operation
    self.shape = shape
    self.dtype = dtype
    self.taskCount = taskCount
    self.mark = mark
  }

  /// A leaf for a tensor of these properties.
  static func leaf(like tensor: Tensor) -> Node {
    Node(nil, shape: tensor.shape, dtype: tensor.dtype, taskCount: tensor.taskCount)
  }

  var edgeCount: Int { rest.isEmpty ? 3 : rest.count + 1 }

  /// The input at `index`; with `rest`, the first is followed by those.
  @inline(__always)
  func edge(_ index: Int) -> Edge {
    if index == 0 { return first }
    if !rest.isEmpty { return rest[index - 1] }
    return index == 1 ? second : third
  }

  // A chain of nodes is released by a work list: freeing it by recursion overflows the stack.
  deinit {
    var pending: [Node] = []
    releaseInputs(into: &pending)
    while var node = pending.popLast() {
      if isKnownUniquelyReferenced(&node) { node.releaseInputs(into: &pending) }
    }
  }

  /// Gives back what was kept for the derivative; nothing leads on from here any more.
  func letGo() {
    var pending: [Node] = []
    releaseInputs(into: &pending)
    output = nil
  }

  private func releaseInputs(into pending: inout [Node]) {
    Node.release(&first, into: &pending)
    Node.release(&second, into: &pending)
    Node.release(&third, into: &pending)
    for index in rest.indices { Node.release(&rest[index], into: &pending) }
  }

  /// Empties `edge`; the node it alone kept alive goes on the list.
  private static func release(_ edge: inout Edge, into pending: inout [Node]) {
    switch edge {
    case .none: return
    case .link(let node):
      edge = .none
      pending.append(node)
    case .value(var tensor):
      edge = .none
      if isKnownUniquelyReferenced(&tensor), let node = tensor.node {
        tensor.node = nil
        pending.append(node)
      }
    }
  }
}
