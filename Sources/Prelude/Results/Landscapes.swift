import ArrayCore
import Autograd
import Display
import Interpreter
import MetaLearning
import NN

extension HeatMap: HostValue {
  var hostTypeName: String { "HeatMap" }
  var hostBundle: MIMEBundle { mimeBundle }
  var hostSummary: String { "heat map of \(valueLabel), \(x.count) × \(y.count)" }
}

extension LossLandscape: HostValue {
  var hostTypeName: String { "Landscape" }
  var hostBundle: MIMEBundle { heatMap.mimeBundle }
  var hostSummary: String { "\(samples.words) loss over \(x.count) × \(y.count) points, \(taskWords)" }

  private var taskWords: String { losses.count == 1 ? "1 task" : "\(losses.count) tasks" }

  /// One panel a task; the ways of all tasks on each, from the meta-initialisation in the middle.
  fileprivate var heatMap: HeatMap {
    let finite = losses.joined().joined().filter { $0.isFinite && $0 > 0 }
    let isWide = (finite.max() ?? 1) > 20 * (finite.min() ?? 1)
    var ways = paths.enumerated().map { place, path in
      let steps = path.count == 2 ? "1 step" : "\(path.count - 1) steps"
      let whose = paths.count > 1 ? "task \(place + 1), " : "adaptation, "
      return HeatMap.Path(whose + steps, x: path.map(\.x), y: path.map(\.y))
    }.filter { $0.x.count > 1 }
    ways.append(HeatMap.Path("meta-initialisation θ₀", x: [0], y: [0]))
    let furthest = paths.joined().map(\.distance).max() ?? 0
    // Rounding is no distance.
    let isOnPlane = furthest <= 1e-6 * (paths.joined().map { abs($0.x) + abs($0.y) }.max() ?? 0)
    let remark = isOnPlane ? "" : "; steps are up to \(NumberText.compact(furthest, digits: 2)) off the plane"
    let axes =
      directions == .path
      ? (paths.count > 1
        ? ("‖Δθ‖ towards the end for task 1", "‖Δθ‖ towards the end for task 2")
        : ("‖Δθ‖ towards the end of the adaptation", "‖Δθ‖ across"))
      : ("random direction 1", "random direction 2")
    return HeatMap(
      losses.enumerated().map { HeatMap.Panel(losses.count > 1 ? "task \($0 + 1)" : "", $1) }, x: x, y: y,
      paths: ways, title: "Loss around the meta-initialisation",
      subtitle: "\(samples.words) loss" + remark,
      xLabel: axes.0, yLabel: axes.1, valueLabel: "loss", logarithmic: isWide)
  }

  /// A row a step.
  fileprivate var pathTable: DataTable {
    let rows = paths.enumerated().flatMap { task, path in path.enumerated().map { (task + 1, $0, $1) } }
    return DataTable([
      .init("task", rows.map(\.0)), .init("step", rows.map(\.1)), .init("x", rows.map(\.2.x)),
      .init("y", rows.map(\.2.y)), .init("\(samples.words) loss", rows.map(\.2.loss)),
      .init("off the plane", rows.map(\.2.distance)),
    ])
  }

  /// The losses as [task, row, column].
  fileprivate var tensor: Tensor {
    get throws {
      try Tensor(
        losses.flatMap { $0.flatMap { $0 } }, shape: [losses.count, y.count, x.count], dtype: .float64)
    }
  }
}

extension LossLandscape.SampleSet {
  fileprivate var words: String { self == .test ? "test (query)" : "train (support)" }
}

extension InnerloopLanguage {
  /// `heatmap` and `landscape`.
  static func registerLandscapes(in builder: RegistryBuilder) {
    registerHeatMaps(in: builder)
    builder.enumeration(
      "Directions", "What spans the plane of a loss landscape.",
      cases: [
        "path": "where adaptation goes: the ends for two tasks; the end and the widest turn for one",
        "random": "random, each filter as long as the model's own (Li et al. 2018)",
      ])
    builder.enumeration(
      "SampleSet", "Which set of a task.", cases: ["test": "the query set", "train": "the support set"],
      aliases: ["query": "test", "support": "train"])
    builder.function(
      "landscape",
      [
        .positional("learner", .named("MAML"), "a learner with an inner loop"),
        .positional("tasks", .any, "a task, or an array of two"),
        .labelled("on", .named("SampleSet"), default: .case("test"), "which set the loss is of"),
        .labelled("directions", .named("Directions"), default: .case("path"), "what spans the plane"),
        .labelled("resolution", .int, default: 25, "points along each axis; odd has θ₀ as one"),
        .labelled(
          "extent", .double, default: nil,
          "how far from θ₀ to each side; by default a little beyond the paths"),
        .labelled("seed", .int, default: 0, "of random directions"), .steps, .overriddenStepSize,
      ], returns: .named("Landscape"),
      Documentation(
        "The loss over a plane of parameters through the meta-initialisation, with the inner loop's way.",
        formula: "L(θ₀ + a·u + b·v)", example: "landscape(maml, [tasks[0], tasks[1]])",
        paper: "H. Li et al. 2018, Visualizing the Loss Landscape of Neural Nets",
        discussion:
          """
          With two tasks the plane goes through θ₀ and both adapted ends, and each task has its map, in the same \
          colours: parameters that are good for one show on the other. Ways are projected onto the plane. Only what \
          the inner loop adapts is moved; the model runs in evaluation mode.
          """
      )
    ) { arguments, evaluation in
      let value = arguments["tasks"]
      let tasks =
        try value.arrayValue?.map { element in
          guard let box = element.object(as: Box<MetaLearning.Task>.self) else {
            throw arguments.problem(
              "tasks", id: "type-mismatch", "`tasks` must hold Tasks, not \(element.typeDescription)")
          }
          return box.value
        } ?? [arguments.task("tasks")]
      let seed = try arguments.int("seed")
      let progress = StepLine("landscape", evaluation)
      let landscape = try LossLandscape(
        arguments.object("learner", as: MAML.self), tasks,
        samples: .init(rawValue: try arguments.enumCase("on")) ?? .test,
        directions: try arguments.enumCase("directions") == "random" ? .random : .path,
        resolution: try arguments.int("resolution"), extent: try arguments.optionalDouble("extent"),
        seed: UInt64(bitPattern: Int64(seed)),
        numAdaptationSteps: try arguments.optionalInt("numAdaptationSteps"),
        stepSize: try arguments.optionalStepSize()
      ) { done, total in
        try evaluation.endStep()
        progress.show(done, of: total)
      }
      return landscape.hosted
    }
    builder.type("Landscape", "A loss over a plane of parameters.") { type in
      type.property(
        of: LossLandscape.self, "losses", .tensor, "The losses, [tasks, y, x], of dtype float64."
      ) { .object(try $0.tensor) }
      type.property(of: LossLandscape.self, "x", .array(.double), "Where the columns are along u.") {
        .doubles($0.x)
      }
      type.property(of: LossLandscape.self, "y", .array(.double), "Where the rows are along v.") {
        .doubles($0.y)
      }
      type.property(
        of: LossLandscape.self, "paths", .named("Table"),
        "A row a step of each task: its place on the plane, the loss there, and how far off the plane it is."
      ) { $0.pathTable.hosted }
      type.property(of: LossLandscape.self, "table", .named("Table"), "A row a point of each map.") {
        $0.heatMap.dataTable().hosted
      }
      type.method(
        "save", [.positional("file", .string, "its ending decides: .svg, .json (Vega-Lite) or .csv")],
        Documentation(
          "Writes the map or its numbers.", example: "landscape(maml, tasks[0]).save(\"loss.svg\")")
      ) { arguments, _ in
        try Ranks.once {
          try arguments.boxedReceiver(as: LossLandscape.self).heatMap.save(try arguments.string("file"))
        }
        return .void
      }
    }
  }

  private static func registerHeatMaps(in builder: RegistryBuilder) {
    builder.function(
      "heatmap",
      [
        .positional("values", .tensor, "[rows, columns]; row 0 is at the bottom"),
        .labelled("x", .any, default: nil, "where the columns are, growing; 0, 1, 2, … by default"),
        .labelled("y", .any, default: nil, "where the rows are, growing"),
        .labelled("logarithmic", .bool, default: false, "colours by the logarithm"),
        .labelled("title", .string, default: nil, "what stands above"),
        .labelled("label", .string, default: "value", "what the values are"),
      ], returns: .named("HeatMap"),
      Documentation(
        "Draws a matrix as colours.", example: "heatmap(randn(20, 30), title: \"noise\")")
    ) { arguments, _ in
      let values = try arguments.tensor("values").detach()
      guard values.rank == 2, values.shape[0] > 0, values.shape[1] > 0 else {
        throw arguments.problem("values", "`heatmap` draws [rows, columns], not \(values.shape)")
      }
      let (rows, columns) = (values.shape[0], values.shape[1])
      guard values.count <= 1 << 22 else {
        throw arguments.problem("values", "`heatmap` takes up to \(1 << 22) values, not \(values.count)")
      }
      func axis(_ name: String, _ count: Int) throws -> [Double] {
        guard try arguments.optional(name) != nil else { return (0..<count).map(Double.init) }
        let places = try arguments.tensor(name).toDoubles()
        guard places.count == count, places.allSatisfy(\.isFinite),
          zip(places, places.dropFirst()).allSatisfy({ $0 < $1 })
        else {
          throw arguments.problem(
            name,
            "`\(name):` must be \(count) growing numbers, one for each \(name == "x" ? "column" : "row")")
        }
        return places
      }
      let numbers = try values.toDoubles()
      let isPositive = numbers.allSatisfy { !$0.isFinite || $0 > 0 }
      let logarithmic = try arguments.bool("logarithmic")
      guard !logarithmic || isPositive else {
        throw arguments.problem("logarithmic", "`logarithmic: true` needs values above 0")
      }
      return HeatMap(
        [.init("", (0..<rows).map { Array(numbers[$0 * columns..<($0 + 1) * columns]) })],
        x: try axis("x", columns), y: try axis("y", rows), title: try arguments.optionalString("title"),
        valueLabel: try arguments.string("label"), logarithmic: logarithmic
      ).hosted
    }
    builder.type("HeatMap", "A matrix as colours.") { type in
      type.method(
        "save", [.positional("file", .string, "its ending decides: .svg, .json (Vega-Lite) or .csv")],
        Documentation("Writes the map or its numbers.", example: "heatmap(randn(20, 30)).save(\"noise.svg\")")
      ) { arguments, _ in
        try Ranks.once { try arguments.boxedReceiver(as: HeatMap.self).save(try arguments.string("file")) }
        return .void
      }
    }
  }
}

/// How far something of many steps is, on a line that is rewritten; nothing for few steps, whatever the clock says, so
/// that a notebook stores the same each time.
private final class StepLine {
  private let title: String
  private let evaluation: Evaluation
  private let id = "steps-" + String(UInt64.random(in: .min ... .max), radix: 36)
  private var lastShown = ContinuousClock.now
  private var isShown = false
  private var isFirst = true
  private var isWorthIt = false

  init(_ title: String, _ evaluation: Evaluation) {
    self.title = title
    self.evaluation = evaluation
  }

  func show(_ done: Int, of total: Int) {
    if isFirst {
      // The first part tells how many there are.
      isWorthIt = done * 40 < total
      isFirst = false
    }
    let now = ContinuousClock.now
    // A file gets a line now and then.
    let pause: Duration = evaluation.output.isInteractive ? .milliseconds(100) : .seconds(5)
    guard isWorthIt, done == total || now - lastShown > pause else { return }
    lastShown = now
    var bundle = MIMEBundle(plain: "\(title) \(done)/\(total) points")
    bundle.isProgress = true
    evaluation.output.display(bundle, id: id, update: isShown)
    isShown = true
  }
}
