import ArrayCore

/// One reverse pass from a loss to its targets, without recursion.
struct Backward {
  private let mode: TaskMode
  private let targets: [Int?]
  private let root: Int
  private var table = NodeTable()
  /// Positions of the nodes between the targets and the loss, latest first.
  private var order: [Int] = []
  /// Whether a target can be reached from a node.
  private var isRelevant: [Bool] = []
  private var isTarget: [Bool] = []

  init(root: Node, targets: [Node?], mode: TaskMode) {
    self.mode = mode
    var table = NodeTable()
    self.targets = targets.map { $0.map { table.enter($0).position } }
    let targetCount = table.nodes.count
    self.root = table.enter(root).position
    self.table = table
    discover(targetCount)
  }

  /// Finds the nodes that lie on a path to a target. What is older than every target leads to none.
  private mutating func discover(_ targetCount: Int) {
    guard targetCount > 0 else { return }
    var oldest = UInt64.max
    for node in table.nodes.prefix(targetCount) { oldest = min(oldest, node.id) }
    var visited = Array(repeating: false, count: table.nodes.count)
    visited[root] = true
    var reached = [root]
    var next = 0
    while next < reached.count {
      let node = table.nodes[reached[next]]
      next += 1
      guard node.operation != nil else { continue }
      for index in 0..<node.edgeCount {
        guard let source = node.edge(index).node, source.id >= oldest else { continue }
        let (position, isNew) = table.enter(source)
        if isNew { visited.append(false) }
        if visited[position] { continue }
        visited[position] = true
        reached.append(position)
      }
    }
    let nodes = table.nodes
    reached.sort { nodes[$0].id > nodes[$1].id }
    isTarget = Array(repeating: false, count: nodes.count)
    for position in 0..<targetCount { isTarget[position] = true }
    isRelevant = isTarget
    for position in reached.reversed() where !isRelevant[position] {
      isRelevant[position] = leadsToTarget(nodes[position])
    }
    order = reached.filter { isRelevant[$0] }
  }

  private func leadsToTarget(_ node: Node) -> Bool {
    guard node.operation != nil else { return false }
    for index in 0..<node.edgeCount {
      if let source = node.edge(index).node, let position = table.position(of: source),
        isRelevant[position]
      {
        return true
      }
    }
    return false
  }

  /// The cotangents of the targets, nil for one that is not reached.
  ///
  /// - Parameter releasesGraph: whether each node lets its inputs go when their cotangents are known.
  mutating func run(_ seed: Tensor, releasesGraph: Bool = false) throws(TensorError) -> [Tensor?] {
    var cotangents = [Tensor?](repeating: nil, count: table.nodes.count)
    if order.first == root { cotangents[root] = seed }
    for position in order {
      guard let g = cotangents[position] else { continue }
      // A cotangent is dropped as soon as it is consumed.
      if !isTarget[position] { cotangents[position] = nil }
      let node = table.nodes[position]
      guard let operation = node.operation else { continue }
      let rule = Derivative(node: node, g: g, mode: mode)
      var together: [Tensor?]?
      if case .checkpoint(let function) = operation { together = try rule.checkpointRule(function) }
      for index in 0..<node.edgeCount {
        guard let source = node.edge(index).node, let place = table.position(of: source), isRelevant[place]
        else { continue }
        let own = if let together { together[index] } else { try rule.cotangent(of: index) }
        guard let raw = own else { continue }
        let contribution = try rule.settled(raw, for: source)
        if let sum = cotangents[place] {
          cotangents[place] = try sum + contribution
        } else {
          cotangents[place] = contribution
        }
      }
      if releasesGraph { node.letGo() }
    }
    return targets.map { $0.flatMap { cotangents[$0] } }
  }
}
