import ArrayCore

/// The recorded computation that led to a tensor, as data: its operations and leaves, what is kept for the derivative,
/// and which part of it first order leaves out.
///
/// A reverse pass needs numbers of the forward pass. Each edge says how many bytes its operation keeps of that input.
/// Several may keep the same memory; it counts once, at the first of them, so that the bytes add up to what the graph
/// holds.
public struct GraphDescription: Sendable {
  /// What a vertex is.
  public enum Kind: Sendable {
    /// Something gradients can be asked for.
    case leaf
    /// An input that is not recorded, whose numbers are kept.
    case constant
    case operation
  }

  /// A leaf, a constant, or a recorded operation with its result.
  public struct Vertex: Sendable {
    public let kind: Kind
    /// The operation's name; empty for others.
    public let operation: String
    /// Of a leaf or constant, where it was told.
    public let name: String?
    /// The result's shape in one task.
    public let shape: Shape
    public let dtype: DType
    /// The length of the hidden task axis.
    public let taskCount: Int?
    /// Whether it is part of a gradient that was itself recorded.
    public let isDerivative: Bool
    /// Which inner step took it to change parameters, a number that grows with time; 0 for everything else.
    public let innerStep: Int
    /// What the operation keeps of its own result, and moments of its inputs, in bytes that are not counted elsewhere.
    public internal(set) var bytes = 0
    /// Whether first order leaves it out.
    public package(set) var isSecondOrder = false
  }

  /// An input of an operation.
  public struct Edge: Sendable {
    public package(set) var source: Int
    public let target: Int
    /// How many bytes the operation keeps of this input; 0 where its rule does not need the numbers.
    public let keptBytes: Int
    /// Those of them that no earlier operation keeps.
    public let bytes: Int
    /// Whether first order leaves it out.
    public internal(set) var isSecondOrder = false
  }

  /// In the order of computation; inputs come before what is computed from them.
  public internal(set) var vertices: [Vertex] = []
  /// In the order of their targets.
  public internal(set) var edges: [Edge] = []
  /// All memory that the graph holds: that of leaves and constants too, where a rule needs their numbers.
  public internal(set) var bytes = 0
  /// The part of ``bytes`` that belongs to leaves and constants, which are there without the graph.
  public internal(set) var outerBytes = 0
  /// What the graph would hold if inner steps took their gradients as constants.
  public internal(set) var firstOrderBytes = 0

  /// The graph that a tensor was computed by; nothing for a constant.
  ///
  /// - Parameters:
  ///   - tensor: the root.
  ///   - names: what leaves and constants are called.
  public init(of tensor: Tensor, names: [(name: String, tensor: Tensor)] = []) {
    guard let root = tensor.node else { return }
    var builder = GraphBuilder(root, names)
    builder.addVertices()
    builder.findFirstOrder()
    self = builder.result
  }

  /// Whether first order would leave out anything.
  public var hasSecondOrder: Bool { vertices.contains(where: \.isSecondOrder) }
}

/// Gathers a ``GraphDescription`` from nodes.
private struct GraphBuilder {
  var result = GraphDescription()
  private let nodes: [Node]
  private var names: (nodes: [UInt64: String], memory: [ObjectIdentifier: String]) = ([:], [:])
  private var positions: [UInt64: Int] = [:]
  private var constants: [Constant: Int] = [:]
  private var counted: Set<ObjectIdentifier> = []
  /// The node, and the place among its inputs, of each vertex and edge; nil for a constant.
  private var origins: [Node?] = []
  private var inputs: [Int] = []

  private struct Constant: Hashable {
    let memory: ObjectIdentifier
    let shape: Shape
  }

  init(_ root: Node, _ known: [(name: String, tensor: Tensor)]) {
    var table = NodeTable()
    _ = table.enter(root)
    var next = 0
    while next < table.nodes.count {
      let node = table.nodes[next]
      next += 1
      for index in 0..<node.edgeCount {
        if let source = node.edge(index).node { _ = table.enter(source) }
      }
    }
    nodes = table.nodes.sorted { $0.id < $1.id }
    for (name, tensor) in known {
      if let node = tensor.node, names.nodes[node.id] == nil { names.nodes[node.id] = name }
      let memory = tensor.array.memory.id
      if names.memory[memory] == nil { names.memory[memory] = name }
    }
  }

  mutating func addVertices() {
    for node in nodes {
      var found: [(source: Int, input: Int, kept: NDArray?)] = []
      if node.operation != nil {
        for index in 0..<node.edgeCount {
          switch node.edge(index) {
          case .none: continue
          case .link(let source): found.append((positions[source.id] ?? 0, index, nil))
          case .value(let tensor):
            let place = tensor.node.flatMap { positions[$0.id] } ?? constant(tensor)
            found.append((place, index, tensor.array))
          }
        }
      }
      let place = result.vertices.count
      positions[node.id] = place
      result.vertices.append(vertex(node))
      origins.append(node)
      for (source, input, array) in found {
        let isOuter = result.vertices[source].kind != .operation
        let bytes = array.map { count($0, isOuter: isOuter) } ?? 0
        result.edges.append(
          .init(source: source, target: place, keptBytes: array?.memory.bytes ?? 0, bytes: bytes))
        inputs.append(input)
      }
      for array in ownMemory(node) { result.vertices[place].bytes += count(array, isOuter: false) }
    }
    result.firstOrderBytes = result.bytes
  }

  /// What an operation keeps besides its inputs.
  private func ownMemory(_ node: Node) -> [NDArray] {
    (node.output.map { [$0.array] } ?? []) + (node.operation?.moments.map { [$0.array] } ?? [])
  }

  /// The bytes of an array's memory; 0 when they are counted already.
  private mutating func count(_ array: NDArray, isOuter: Bool) -> Int {
    let (id, bytes) = array.memory
    guard counted.insert(id).inserted else { return 0 }
    result.bytes += bytes
    if isOuter { result.outerBytes += bytes }
    return bytes
  }

  private mutating func constant(_ tensor: Tensor) -> Int {
    let key = Constant(memory: tensor.array.memory.id, shape: tensor.shape)
    if let known = constants[key] { return known }
    let place = result.vertices.count
    constants[key] = place
    result.vertices.append(
      .init(
        kind: .constant, operation: "", name: names.memory[key.memory], shape: tensor.shape,
        dtype: tensor.dtype, taskCount: tensor.taskCount, isDerivative: false, innerStep: 0))
    origins.append(nil)
    return place
  }

  private func vertex(_ node: Node) -> GraphDescription.Vertex {
    .init(
      kind: node.operation == nil ? .leaf : .operation, operation: node.operation?.name ?? "",
      name: node.operation == nil ? names.nodes[node.id] : nil, shape: node.shape, dtype: node.dtype,
      taskCount: node.taskCount, isDerivative: node.mark.isDerivative, innerStep: Int(node.mark.step))
  }

  /// Finds what is left when the gradients of inner steps are constants: the same operations, recorded as far as their
  /// inputs are, and of those the ones that still lead to the result.
  mutating func findFirstOrder() {
    let count = result.vertices.count
    guard result.vertices.contains(where: { $0.innerStep != 0 && $0.isDerivative }) else { return }
    var inputsOf = [[Int]](repeating: [], count: count)
    for (place, edge) in result.edges.enumerated() { inputsOf[edge.target].append(place) }
    var isRecorded = [Bool](repeating: false, count: count)
    for (place, vertex) in result.vertices.enumerated() {
      switch vertex.kind {
      case .leaf: isRecorded[place] = true
      case .constant: isRecorded[place] = false
      case .operation:
        isRecorded[place] =
          !(vertex.innerStep != 0 && vertex.isDerivative)
          && inputsOf[place].contains { isRecorded[result.edges[$0].source] }
      }
    }
    var isLeft = [Bool](repeating: false, count: count)
    isLeft[count - 1] = isRecorded[count - 1]
    var memory: [ObjectIdentifier: Int] = [:]
    for place in (0..<count).reversed() where isLeft[place] {
      guard let node = origins[place], let operation = node.operation else { continue }
      var flags = [false, false, false]
      for edge in inputsOf[place] where inputs[edge] < 3 {
        flags[inputs[edge]] = isRecorded[result.edges[edge].source]
      }
      let kept = operation.kept(firstRecorded: flags[0], secondRecorded: flags[1])
      for edge in inputsOf[place] {
        let source = result.edges[edge].source
        var isKept = result.edges[edge].keptBytes > 0
        if case .checkpoint = operation {
        } else {
          isKept = isKept && inputs[edge] < 3 && kept.contains(Kept(rawValue: 1 << UInt8(inputs[edge])))
        }
        if isKept, case .value(let tensor) = node.edge(inputs[edge]) {
          memory[tensor.array.memory.id] = tensor.array.memory.bytes
        }
        // What is kept of a constant is no path; the constant itself stays in sight.
        if isRecorded[source] || (isKept && result.vertices[source].kind == .constant) {
          isLeft[source] = true
        }
      }
      if !kept.contains(.output), node.output != nil { continue }
      for array in ownMemory(node) { memory[array.memory.id] = array.memory.bytes }
    }
    for place in 0..<count { result.vertices[place].isSecondOrder = !isLeft[place] }
    for place in result.edges.indices {
      let edge = result.edges[place]
      result.edges[place].isSecondOrder = !isLeft[edge.target] || !isLeft[edge.source]
    }
    result.firstOrderBytes = memory.values.reduce(0, +)
  }
}

extension GraphDescription {
  fileprivate init() {}
}

extension Operation {
  /// The moments that an operation of batch normalisation holds.
  fileprivate var moments: BatchMoments? {
    switch self {
    case .normalize(let moments), .normalizeGradient(let moments), .normalizeTangent(let moments),
      .normalizeCurvature(let moments):
      moments
    default: nil
    }
  }
}
