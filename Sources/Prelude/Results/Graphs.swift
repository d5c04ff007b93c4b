import ArrayCore
import Autograd
import Display
import Interpreter
import MetaLearning
import NN

/// `graph(loss)`: the computation behind a tensor, and its drawings.
final class GraphPicture: HostObject {
  let graph: ComputationGraph
  let diagram: Diagram
  private let check: () throws -> Void
  /// Laid out when it is first shown.
  private lazy var drawing = Result { try Graphviz.svg(of: diagram.dot(), check: check) }

  init(_ graph: ComputationGraph, check: @escaping () throws -> Void) {
    self.graph = graph
    self.check = check
    diagram = Diagram(graph)
  }

  var typeName: String { "Graph" }
  var summary: String { graph.summary }
  func svg() throws -> String { try drawing.get() }

  var mimeBundle: MIMEBundle {
    let table = graph.table
    var notes = graph.notes
    let picture = Result { try svg() }
    if case .failure(let error as GraphvizError) = picture { notes.append("\(error)") }
    let ending = notes.map { "\n" + $0 }.joined()
    let summary = summary
    var bundle = MIMEBundle(plain: summary + "\n" + table.text(width: 120) + ending)
    bundle.terminal = { style in
      let text = style.unicode ? summary + "\n" : Escaping.ascii(summary) + "\n"
      return text + table.text(width: style.width, unicode: style.unicode, colour: style.colour)
        + (style.unicode ? ending : Escaping.ascii(ending))
    }
    bundle[MIMEType.mermaid] = .text(diagram.mermaid())
    bundle[MIMEType.graphviz] = .text(diagram.dot())
    if case .success(let svg) = picture { bundle[MIMEType.svg] = .text(svg) }
    return bundle
  }
}

extension ComputationGraph {
  private var operations: [GraphDescription.Vertex] { description.vertices.filter { $0.kind == .operation } }

  fileprivate var summary: String {
    "\(NumberText.grouped(operations.count)) operations keep \(NumberText.bytes(description.bytes))"
      + (description.outerBytes > 0
        ? ", \(NumberText.bytes(description.outerBytes)) of it in parameters and constants" : "")
  }

  /// A row a part: an inner step, the outer loss; then what is there without the graph, and last all of it.
  fileprivate var table: DataTable {
    let all = parts
    func column(_ name: String, _ value: (Part) -> Int, outer: Int = 0) -> DataTable.Column {
      let values = all.map(value)
      return DataTable.Column(name, values + [outer, values.reduce(outer, +)])
    }
    var columns = [
      DataTable.Column("part", all.map(\.title) + ["parameters and constants", "all"]),
      column("operations", \.operations), column("of gradients", \.gradientOperations),
      column("kept bytes", \.bytes, outer: description.outerBytes),
    ]
    if description.hasSecondOrder {
      columns += [
        column("second order only", \.secondOrderOperations), column("its kept bytes", \.secondOrderBytes),
      ]
    }
    return DataTable(columns)
  }

  fileprivate var notes: [String] {
    var notes: [String] = []
    if description.hasSecondOrder {
      let count = operations.count { $0.isSecondOrder }
      notes.append(
        "first order leaves out \(NumberText.grouped(count)) operations (dashed) and keeps "
          + "\(NumberText.bytes(description.firstOrderBytes)) in place of \(NumberText.bytes(description.bytes))"
      )
    }
    if detail != .operations { notes.append("a box is a \(detail == .layers ? "layer in a pass" : "pass")") }
    if edges.contains(where: { $0.keptBytes > 0 && $0.bytes == 0 }) {
      notes.append("bytes in (…) are kept already by an operation before")
    }
    if operations.contains(where: { $0.operation == "checkpoint" }) {
      notes.append("what is in a checkpoint is not kept but computed again for the derivative")
    }
    if leftOut > 0 {
      notes.append("\(NumberText.grouped(leftOut)) operations are not drawn; `maxNodes:` draws more")
    }
    return notes
  }
}

extension Diagram {
  fileprivate init(_ graph: ComputationGraph) {
    let nodes = graph.nodes.map { node in
      var lines = [node.title]
      let isOne = node.count == 1
      if !isOne {
        let what =
          switch node.pass {
          case .parameter: "parameters"
          case .constant: "constants"
          default: "operations"
          }
        lines.append("\(NumberText.grouped(node.count)) \(what)")
      }
      if isOne { lines.append("\(node.shape)") }
      if node.bytes > 0 { lines.append("keeps \(NumberText.bytes(node.bytes))") }
      return Node(
        lines, tone: node.pass.tone, isDashed: node.isSecondOrder, isRounded: node.pass == .parameter,
        frame: node.part)
    }
    let edges = graph.edges.map { edge in
      let label =
        edge.keptBytes == 0
        ? "" : edge.bytes > 0 ? NumberText.bytes(edge.bytes) : "(\(NumberText.bytes(edge.keptBytes)))"
      return Edge(from: edge.source, to: edge.target, label: label, isDashed: edge.isSecondOrder)
    }
    self.init(
      nodes, edges, frames: graph.parts.map(\.title),
      title: ([graph.summary] + graph.notes))
  }
}

extension ComputationGraph.Pass {
  fileprivate var tone: Diagram.Tone {
    switch self {
    case .parameter: .yellow
    case .constant: .grey
    case .forward: .blue
    case .gradient: .purple
    case .update: .green
    }
  }
}

extension InnerloopLanguage {
  /// `graph`.
  static func registerGraphs(in builder: RegistryBuilder) {
    builder.enumeration(
      "GraphDetail", "What one box of a graph stands for.",
      cases: [
        "automatic": "the finest of the others that stays within `maxNodes`", "operations": "one operation",
        "layers": "the operations of a layer in one pass",
        "passes": "a whole pass: forward, the inner gradient, the update",
      ])
    builder.function(
      "graph",
      [
        .positional("loss", .any, "a recorded tensor, or what `outerLoss` gives"),
        .labelled("detail", .named("GraphDetail"), default: .case("automatic"), "what a box is"),
        .labelled("maxNodes", .int, default: 100, "how many boxes at most"),
      ], returns: .named("Graph"),
      Documentation(
        "Draws what a tensor was computed by, with the bytes that each edge keeps for the derivative.",
        example: "graph(maml.outerLoss([task]).loss)",
        discussion:
          """
          Inner steps are framed. What first order leaves out is dashed and red: the inner gradients, and the forward \
          passes that only they need. Memory that several operations keep counts once, at the first of them.

          JupyterLab draws it; `save` writes .svg (by Graphviz), .dot and .mmd (Mermaid). Parameters have the names \
          that the models, learners and variables of the session give them.
          """
      )
    ) { arguments, evaluation in
      let value = arguments["loss"]
      let loss: Tensor
      if let tensor = value.object(as: Tensor.self) {
        loss = tensor
      } else if let outer = value.object(as: OuterResult.self) {
        loss = outer.loss
      } else if let outer = value.object(as: MLDGResult.self) {
        loss = outer.loss
      } else {
        throw arguments.problem(
          "loss", id: "type-mismatch", "`graph` draws what led to a Tensor, not \(value.typeDescription)",
          hints: ["`graph(maml.outerLoss([task]).loss)`"])
      }
      let detail = ComputationGraph.Detail(rawValue: try arguments.enumCase("detail")) ?? .automatic
      let graph = try ComputationGraph(
        of: loss, names: evaluation.tensorNames, detail: detail, maxNodes: try arguments.int("maxNodes"))
      return .object(GraphPicture(graph) { try evaluation.checkInterruption() })
    }
    builder.type("Graph", "What a tensor was computed by.") { type in
      type.property("svg", .string, "The drawing, by Graphviz.") { (own: GraphPicture, _) in
        .string(try own.svg())
      }
      type.property("dot", .string, "In Graphviz's language.") { (own: GraphPicture, _) in
        .string(own.diagram.dot())
      }
      type.property("mermaid", .string, "As a Mermaid flowchart.") { (own: GraphPicture, _) in
        .string(own.diagram.mermaid())
      }
      type.property(
        "table", .named("Table"),
        "A row a part: its operations, their bytes, and what first order leaves out."
      ) { (own: GraphPicture, _) in own.graph.table.hosted }
      type.property("bytes", .int, "What the graph keeps, parameters and constants with it.") {
        (own: GraphPicture, _) in .int(own.graph.description.bytes)
      }
      type.property(
        "firstOrderBytes", .int, "What it would keep if inner steps took their gradients as constants."
      ) { (own: GraphPicture, _) in .int(own.graph.description.firstOrderBytes) }
      type.property("count", .int, "How many operations there are.") { (own: GraphPicture, _) in
        .int(own.graph.description.vertices.count { $0.kind == .operation })
      }
      type.method(
        "save", [.positional("file", .string, "its ending decides: .svg, .dot or .mmd")],
        Documentation(
          "Writes the drawing.", example: "graph(maml.outerLoss([task]).loss).save(\"graph.svg\")")
      ) { arguments, evaluation in
        try Ranks.once {
          try arguments.receiver(as: GraphPicture.self).diagram.save(try arguments.string("file")) {
            try evaluation.checkInterruption()
          }
        }
        return .void
      }
    }
  }
}

extension Evaluation {
  /// What tensors are called by the session's variables: models and learners name their parameters. Where two have one
  /// name for different ones, the variable's name is put in front.
  fileprivate var tensorNames: [(name: String, tensor: Tensor)] {
    var names: [(name: String, tensor: Tensor)] = []
    var taken: [String: ObjectIdentifier] = [:]
    func add(_ parameters: NamedParameters, of variable: String) {
      for (name, parameter) in parameters {
        let id = ObjectIdentifier(parameter)
        let isFree = taken[name] == nil || taken[name] == id
        if isFree { taken[name] = id }
        names.append((isFree ? name : "\(variable).\(name)", parameter.tensor))
      }
    }
    for (variable, value) in variables {
      guard case .object(let object) = value else { continue }
      switch object {
      case let tensor as Tensor: names.append((variable, tensor))
      case let parameter as Autograd.Parameter: names.append((variable, parameter.tensor))
      case let model as Module: add(model.namedParameters(), of: variable)
      case let learner as any Learner:
        add(learner.learnedParameters, of: variable)
        add(learner.model.namedParameters(), of: variable)
      case let box as Box<MetaLearning.Task>:
        for (part, samples) in [("train", box.value.train)] + (box.value.test.map { [("test", $0)] } ?? []) {
          names.append(("\(variable).\(part).inputs", samples.inputs))
          names.append(("\(variable).\(part).targets", samples.targets))
        }
      default: continue
      }
    }
    return names
  }
}
