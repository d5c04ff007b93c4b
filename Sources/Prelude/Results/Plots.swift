import Autograd
import Display
import Interpreter
import MetaLearning

extension InnerloopLanguage {
  static var plotOptions: [Interpreter.Parameter] {
    [
      .labelled("logY", .bool, default: false, "a logarithmic vertical axis"),
      .labelled("smooth", .double, default: 0, "exponential smoothing, 0 to below 1"),
      .labelled("title", .string, default: nil, "what stands above"),
    ]
  }

  static func plot(
    _ series: [Plot.Series], _ arguments: Arguments, x: String?, y: String?
  ) throws -> Plot {
    let smoothing = try arguments.double("smooth")
    guard smoothing >= 0, smoothing < 1 else {
      throw arguments.problem("smooth", "`smooth:` must be at least 0 and below 1, not \(smoothing)")
    }
    return Plot(
      series, title: try arguments.optionalString("title"), xLabel: x, yLabel: y,
      logY: try arguments.bool("logY"), smoothing: smoothing)
  }

  static func registerPlots(in builder: RegistryBuilder) {
    let labels: [Interpreter.Parameter] = [
      .labelled("x", .string, default: nil, "what the horizontal axis is"),
      .labelled("y", .string, default: nil, "what the vertical axis is"),
    ]
    builder.function(
      "plot",
      [.positional("series", .any, "series by name: numbers, a pair (xs, ys), points, or a history")] + labels
        + plotOptions,
      returns: .named("Plot"),
      Documentation(
        "Draws named series.",
        example: "plot([\"MAML\": h, \"true\": (xs, ys), \"support\": points(x, y)], x: \"x\", y: \"y\")")
    ) { arguments, _ in
      let value = arguments["series"]
      let named =
        value.dictionaryValue.map { $0.map { ($0.key.value.description, $0.value) } } ?? [("", value)]
      let drawn = try named.map { name, value in
        guard let series = try series(name, value) else {
          throw arguments.problem(
            "series", id: "type-mismatch",
            "a series is numbers, a pair `(xs, ys)`, `points(x, y)` or a history, not \(value.typeDescription)"
          )
        }
        return series
      }
      return try plot(
        drawn, arguments, x: try arguments.optionalString("x"), y: try arguments.optionalString("y")
      ).hosted
    }
    builder.function(
      "plot", [.labelled("x", .any, "numbers"), .labelled("y", .any, "as many numbers")] + plotOptions,
      returns: .named("Plot"), Documentation("Draws one line.", example: "plot(x: xs, y: ys)")
    ) { arguments, _ in
      let (xs, ys) = try coordinates(arguments)
      return try plot([Plot.Series("", x: xs, y: ys)], arguments, x: nil, y: nil).hosted
    }
    builder.function(
      "points", [.positional("x", .any, "numbers"), .positional("y", .any, "as many numbers")],
      returns: .named("Points"),
      Documentation("A series drawn as dots.", example: "points(task.train.inputs, task.train.targets)")
    ) { arguments, _ in
      let (xs, ys) = try coordinates(arguments)
      return PlotPoints(x: xs, y: ys).hosted
    }
    builder.type("Points", "A series drawn as dots.") { _ in }
    builder.type("Plot", "A drawing of series.") { type in
      type.method(
        "save", [.positional("file", .string, "its ending decides: .svg, .json (Vega-Lite) or .csv")],
        Documentation("Writes the drawing or its data.", example: "h.plot().save(\"loss.svg\")")
      ) { arguments, _ in
        try Ranks.once { try arguments.boxedReceiver(as: Plot.self).save(try arguments.string("file")) }
        return .void
      }
    }
  }

  private static func coordinates(_ arguments: Arguments) throws -> (x: [Double], y: [Double]) {
    guard let xs = try numbers(arguments["x"]), let ys = try numbers(arguments["y"]) else {
      throw arguments.problem(id: "type-mismatch", message: "`x` and `y` must be numbers: arrays or Tensors")
    }
    guard xs.count == ys.count else {
      throw arguments.problem(message: "`x` has \(xs.count) numbers, `y` \(ys.count); they must be as many")
    }
    return (xs, ys)
  }

  private static func series(_ name: String, _ value: Value) throws -> Plot.Series? {
    if let history = value.object(as: Box<History>.self) { return history.value.series(name) }
    if let points = value.object(as: Box<PlotPoints>.self) {
      return Plot.Series(name, mark: .points, x: points.value.x, y: points.value.y)
    }
    if case .tuple(let pair) = value, pair.values.count == 2,
      let xs = try numbers(pair.values[0]), let ys = try numbers(pair.values[1])
    {
      guard xs.count == ys.count else {
        throw LearningError.argument(
          type: "plot", reason: "the series \"\(name)\" has \(xs.count) x and \(ys.count) y")
      }
      return Plot.Series(name, x: xs, y: ys)
    }
    return try numbers(value).map { Plot.Series(name, y: $0) }
  }

  private static func numbers(_ value: Value) throws -> [Double]? {
    switch value {
    case .array(let elements) where elements.allSatisfy({ $0.numericValue != nil }):
      elements.compactMap(\.numericValue)
    case .array, .range: try Tensor.converting(value)?.toDoubles()
    case .object(let tensor as Tensor): try tensor.toDoubles()
    default: nil
    }
  }
}
