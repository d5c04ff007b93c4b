import ArrayCore
import Autograd
import OrderedCollections

/// Where each vertex of a graph belongs: the inner step, the pass in it, and the layer.
///
/// Updates are marked when they are recorded, whoever writes the loop. The rest follows from the structure: an operation
/// of a forward pass belongs to the first inner step whose gradient was taken through it, or else to what comes after
/// all of them; a step comes after those whose updates it computes with.
struct GraphPlaces {
  private var vertices: [GraphDescription.Vertex]
  private(set) var edges: [GraphDescription.Edge]
  private let inputs: [[Int]]
  /// The inner step's own number in the process, as operations are marked; nil outside of steps.
  private var owner: [Int?]
  /// For each marked step: 1 for a first step, and which way through an inner loop it is a part of.
  private var steps: [Int: (number: Int, chain: Int)] = [:]
  /// Which way through an inner loop a vertex belongs to; nil for what belongs to several.
  private(set) var chain: [Int?]
  private var layer: [String?]
  private var names: [String?]
  private(set) var chainCount = 0
  private var partOf: [Int?] = []
  /// When a vertex comes, in the order of computation.
  private var order: [Int] = []
  private(set) var summary: [ComputationGraph.Part] = []

  init(_ graph: GraphDescription) {
    vertices = graph.vertices
    edges = graph.edges
    var inputs = [[Int]](repeating: [], count: vertices.count)
    for edge in edges { inputs[edge.target].append(edge.source) }
    self.inputs = inputs
    owner = vertices.map { $0.innerStep == 0 ? nil : $0.innerStep }
    chain = Array(repeating: nil, count: vertices.count)
    layer = Array(repeating: nil, count: vertices.count)
    names = vertices.map(\.name)
    numberSteps()
    findOwners()
    findChains()
    findLayers()
    findParts()
    splitConstants()
  }

  /// A step comes after the last one whose update it computes with: its number is one more, on the same way.
  private mutating func numberSteps() {
    // The last step whose update each vertex depends on. Marks grow with time.
    var last = [Int](repeating: 0, count: vertices.count)
    var before: [Int: Int] = [:]
    for (place, vertex) in vertices.enumerated() {
      for input in inputs[place] {
        let step = vertices[input].innerStep
        last[place] = max(last[place], step == vertex.innerStep ? last[input] : max(step, last[input]))
      }
      if vertex.innerStep != 0 { before[vertex.innerStep] = max(before[vertex.innerStep] ?? 0, last[place]) }
    }
    for step in before.keys.sorted() {
      if let earlier = steps[before[step] ?? 0] {
        steps[step] = (earlier.number + 1, earlier.chain)
      } else {
        steps[step] = (1, chainCount)
        chainCount += 1
      }
    }
  }

  /// What is computed from one way through an inner loop alone belongs to it.
  private mutating func findChains() {
    let several = -1
    var found = [Int?](repeating: nil, count: vertices.count)
    for place in vertices.indices {
      found[place] = owner[place].flatMap { steps[$0]?.chain }
      guard found[place] == nil else { continue }
      for chain in inputs[place].compactMap({ found[$0] }) {
        found[place] = found[place] == nil || found[place] == chain ? chain : several
      }
    }
    chain = found.map { $0 == several ? nil : $0 }
  }

  /// Operations of forward passes, from the last to the first.
  private mutating func findOwners() {
    for place in vertices.indices.reversed() {
      for input in inputs[place] where vertices[input].kind == .operation && vertices[input].innerStep == 0 {
        guard let step = owner[place] else { continue }
        owner[input] = min(owner[input] ?? step, step)
      }
    }
  }

  /// An operation that reads a parameter belongs to its layer; another, to the layer of what it reads.
  private mutating func findLayers() {
    func layerName(_ name: String) -> String? {
      name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
    for place in vertices.indices {
      let vertex = vertices[place]
      if vertex.kind != .operation {
        layer[place] = vertex.name.flatMap(layerName)
        continue
      }
      let isUpdate = pass(place) == .update && vertex.operation != "checkpoint"
      var (parameter, latest): (Int?, Int?)
      for input in inputs[place] {
        if isUpdate, names[place] == nil { names[place] = names[input] }
        if names[input] != nil, vertices[input].kind != .constant { parameter = input }
        if vertices[input].kind == .operation { latest = max(latest ?? input, input) }
      }
      if let source = parameter ?? latest { layer[place] = layer[source] }
    }
  }

  private mutating func findParts() {
    var titles: OrderedDictionary<String, Int> = [:]
    let hasSteps = !steps.isEmpty
    // Parts come in the order of computation.
    partOf = vertices.indices.map { place in
      guard vertices[place].kind == .operation else { return nil }
      let title = title(place, hasSteps: hasSteps)
      if let known = titles[title] { return known }
      titles[title] = titles.count
      return titles.count - 1
    }
    summary = titles.keys.map { ComputationGraph.Part(title: $0) }
    for (place, vertex) in vertices.enumerated() where vertex.kind == .operation {
      guard let part = partOf[place] else { continue }
      summary[part].operations += 1
      if vertex.isDerivative { summary[part].gradientOperations += 1 }
      summary[part].bytes += vertex.bytes
      if vertex.isSecondOrder {
        summary[part].secondOrderOperations += 1
        summary[part].secondOrderBytes += vertex.bytes
      }
    }
    for edge in edges where vertices[edge.source].kind == .operation {
      guard let part = partOf[edge.target] else { continue }
      summary[part].bytes += edge.bytes
      if vertices[edge.target].isSecondOrder { summary[part].secondOrderBytes += edge.bytes }
    }
  }

  /// A constant is drawn in each part that reads it: lines across the whole picture would hide the rest.
  private mutating func splitConstants() {
    struct Appearance: Hashable {
      let vertex: Int
      let part: Int?
    }
    order = Array(vertices.indices)
    var appearances: [Appearance: Int] = [:]
    for (index, edge) in edges.enumerated() where vertices[edge.source].kind == .constant {
      let appearance = Appearance(vertex: edge.source, part: partOf[edge.target])
      let place: Int
      if let known = appearances[appearance] {
        place = known
      } else if partOf[edge.source] == nil {
        place = edge.source
      } else {
        place = vertices.count
        vertices.append(vertices[edge.source])
        layer.append(layer[edge.source])
        names.append(names[edge.source])
        partOf.append(nil)
        chain.append(nil)
        order.append(edge.target)
      }
      if appearances[appearance] == nil {
        appearances[appearance] = place
        partOf[place] = appearance.part
        chain[place] = chain[edge.target]
        vertices[place].isSecondOrder = true
      }
      edges[index].source = place
      vertices[place].isSecondOrder = vertices[place].isSecondOrder && edge.isSecondOrder
    }
  }

  private func title(_ place: Int, hasSteps: Bool) -> String {
    let word = (vertices[place].taskCount ?? 1) > 1 ? "group" : "task"
    let tasks = chainCount > 1 ? chain[place].map { "\(word) \($0 + 1), " } ?? "" : ""
    if let step = owner[place], let number = steps[step]?.number { return "\(tasks)inner step \(number)" }
    if vertices[place].isDerivative { return "gradient" }
    return hasSteps ? "\(tasks)outer loss" : "forward pass"
  }

  // MARK: Groups

  private func pass(_ place: Int) -> ComputationGraph.Pass {
    let vertex = vertices[place]
    switch vertex.kind {
    case .leaf: return .parameter
    case .constant: return .constant
    case .operation: return vertex.isDerivative ? .gradient : vertex.innerStep != 0 ? .update : .forward
    }
  }

  private struct Key: Hashable {
    let part: Int?
    let pass: ComputationGraph.Pass
    let layer: String?
    let isSecondOrder: Bool
  }

  /// The vertices of each node, in the order of computation.
  func groups(_ detail: ComputationGraph.Detail) -> [[Int]] {
    guard detail != .operations else {
      return vertices.indices.sorted { (order[$0], $1) < (order[$1], $0) }.map { [$0] }
    }
    var groups: OrderedDictionary<Key, [Int]> = [:]
    for place in vertices.indices {
      let key = Key(
        part: partOf[place], pass: pass(place), layer: detail == .layers ? layer[place] : nil,
        isSecondOrder: vertices[place].isSecondOrder)
      groups[key, default: []].append(place)
    }
    func last(_ group: [Int]) -> Int { group.map { order[$0] }.max() ?? 0 }
    return groups.values.sorted { last($0) < last($1) }
  }

  func node(_ group: [Int], detail: ComputationGraph.Detail) -> ComputationGraph.Node {
    let place = group[group.count - 1]
    var node = ComputationGraph.Node(
      pass: pass(place), title: title(of: group, place, detail), shape: vertices[place].shape,
      count: group.count,
      part: partOf[place])
    for vertex in group {
      node.bytes += vertices[vertex].bytes
      node.isSecondOrder = node.isSecondOrder && vertices[vertex].isSecondOrder
    }
    return node
  }

  private func title(of group: [Int], _ place: Int, _ detail: ComputationGraph.Detail) -> String {
    if detail == .operations || (group.count == 1 && vertices[place].kind != .operation) {
      let vertex = vertices[place]
      switch vertex.kind {
      case .leaf: return vertex.name ?? "parameter"
      case .constant: return vertex.name ?? "constant"
      case .operation:
        guard pass(place) == .update, let name = names[place] else { return vertex.operation }
        return "\(name) ← \(vertex.operation)"
      }
    }
    let pass =
      switch pass(place) {
      case .parameter: "parameters"
      case .constant: "constants"
      case .forward: "forward"
      case .gradient: "gradient"
      case .update: "update"
      }
    guard detail == .layers, let layer = layer[place] else { return pass }
    return "\(layer), \(pass)"
  }
}
