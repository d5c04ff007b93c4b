import Display
import Interpreter
import JSONCoding

/// Controls above an output that is made anew whenever one of them changes.
final class Interaction: HostObject {
  let typeName = "Interaction"
  private let controls: [Control]
  private let area: OutputArea
  private let box: WidgetModel
  private let body: ([Value], Evaluation) throws -> Value

  /// Shows the output for the values of now: what `body` shows, and what it gives.
  init(
    _ controls: [Control], _ evaluation: Evaluation, _ body: @escaping ([Value], Evaluation) throws -> Value
  ) throws {
    self.controls = controls
    self.body = body
    area = OutputArea(evaluation)
    let children = (controls.map(\.model) + [area.model]).map(\.reference)
    box = WidgetModel("VBox", .controls, ["box_style": "", "children": .array(children)], evaluation)
    for control in controls {
      control.observe { [self] evaluation in try redraw(evaluation) }
    }
    try redraw(evaluation)
  }

  private func redraw(_ evaluation: Evaluation) throws {
    try area.replace(evaluation) { try body(controls.map(\.value), evaluation) }
  }

  var summary: String { controls.map(\.summary).joined(separator: "\n") }
  var mimeBundle: MIMEBundle { box.bundle(plain: summary) }
}

extension InnerloopLanguage {
  /// Sliders and other controls, and `interact`.
  static func registerWidgets(in builder: RegistryBuilder) {
    registerControls(in: builder)
    builder.function(
      "interact",
      [
        .variadic("controls", .any, "controls, or what makes one: a range, an array of options, a Bool"),
        .labelled("body", .function("(values) -> Any"), "shows something for the controls' values"),
      ], returns: .named("Interaction"),
      Documentation(
        "Shows controls, and below them what the closure makes of their values, anew at each change.",
        example:
          "interact(0.001...0.5, 1...10) { rate, steps in maml.adapt(task, numAdaptationSteps: steps, stepSize: rate).table }",
        discussion: "Controls without a label are called as the closure calls their values.")
    ) { arguments, evaluation in
      let body = try arguments.function("body")
      let names = body.parameterNames
      let controls = try arguments.array("controls").enumerated().map { index, value in
        let label = index < names.count ? names[index] : ""
        guard let control = try control(from: value, label: label, evaluation) else {
          throw arguments.problem(
            "controls", id: "type-mismatch",
            "`interact` takes controls, ranges, arrays of options and Bools, not \(value.typeDescription)")
        }
        return control
      }
      return .object(try Interaction(controls, evaluation) { try $1.call(body, $0) })
    }
    builder.type("Interaction", "Controls with an output that follows them.") { _ in }
  }

  private static func control(from value: Value, label: String, _ evaluation: Evaluation) throws -> Control? {
    switch value {
    case .object(let control as Control): control
    case .range(let range):
      try .slider(range, value: nil, step: nil, label: label, log: false, evaluation)
    case .array(let options): try .dropdown(options, value: nil, label: label, evaluation)
    case .bool(let isOn): .checkbox(isOn, label: label, evaluation)
    default: nil
    }
  }

  private static func registerControls(in builder: RegistryBuilder) {
    let label = Interpreter.Parameter.labelled("label", .string, default: "", "what stands beside it")
    builder.function(
      "slider",
      [
        .positional("range", .range, "its bounds; whole numbers where both are"),
        .labelled("value", .double, default: nil, "where it starts; the middle by default"),
        .labelled("step", .double, default: nil, "the distance of its stops"), label,
        .labelled("log", .bool, default: false, "a logarithmic scale"),
      ], returns: .named("Slider"),
      Documentation(
        "A number to choose within a range.", example: "let rate = slider(0.001...0.5, log: true)")
    ) { arguments, evaluation in
      guard case .range(let range) = arguments["range"] else { return .null }
      return .object(
        try Control.slider(
          range, value: arguments["value"].numericValue, step: arguments["step"].numericValue,
          label: try arguments.string("label"), log: try arguments.bool("log"), evaluation))
    }
    builder.function(
      "dropdown",
      [
        .positional("options", .array(.any), "what to choose from"),
        .labelled("value", .any, default: nil, "the one chosen at first"), label,
      ], returns: .named("Dropdown"),
      Documentation(
        "One of several values to choose.", example: "let order = dropdown([\"first\", \"second\"])")
    ) { arguments, evaluation in
      .object(
        try Control.dropdown(
          try arguments.array("options"), value: try arguments.optional("value"),
          label: try arguments.string("label"), evaluation))
    }
    builder.function(
      "checkbox", [.labelled("value", .bool, default: false, "whether it is checked"), label],
      returns: .named("Checkbox"),
      Documentation(
        "Something to switch on and off.",
        example: "let second = checkbox(value: true, label: \"second order\")")
    ) { arguments, evaluation in
      .object(
        Control.checkbox(try arguments.bool("value"), label: try arguments.string("label"), evaluation))
    }
    builder.function(
      "progressBar", [.positional("total", .double, "the value of a full bar"), label],
      returns: .named("ProgressBar"),
      Documentation("A bar that the program fills.", example: "let bar = progressBar(100); bar.value = 30")
    ) { arguments, evaluation in
      .object(
        try Control.progressBar(
          try arguments.double("total"), label: try arguments.string("label"), evaluation))
    }
    for (name, type, summary) in [
      ("Slider", TypeReference.number, "A number to choose within a range."),
      ("Dropdown", .any, "One of several values to choose."),
      ("Checkbox", .bool, "Something to switch on and off."),
      ("ProgressBar", .double, "A bar that the program fills."),
    ] {
      builder.type(name, Documentation(summary)) { builder in
        builder.property("value", type, "The value now; setting it moves the control.") {
          (control: Control, _) in
          control.value
        } set: { control, new, evaluation in
          try control.setValue(new, evaluation)
        }
        builder.method(
          "onChange", [.positional("body", .function("(value) -> Any"), "called with the new value")],
          Documentation("Calls a closure whenever the value changes.", example: "rate.onChange { print($0) }")
        ) { arguments, _ in
          let control = try arguments.receiver(as: Control.self)
          let body = try arguments.function("body")
          control.observe { [unowned control] in _ = try $0.call(body, [control.value]) }
          return .void
        }
      }
    }
    builder.function(
      "button",
      [
        .positional("label", .string, "what is written on it"),
        .positional("body", .function("() -> Any"), "runs at each press"),
      ], returns: .named("Button"),
      Documentation(
        "A button that runs a closure.", example: "button(\"train\") { maml.train(batches, maxBatches: 100) }"
      )
    ) { arguments, evaluation in
      let body = try arguments.function("body")
      return .object(Button(try arguments.string("label"), evaluation) { _ = try $0.call(body, []) })
    }
    builder.type("Button", "A button that runs a closure.") { type in
      type.method("press", Documentation("Runs the closure, as a press would.")) { arguments, evaluation in
        try arguments.receiver(as: Button.self).press(evaluation)
        return .void
      }
    }
    builder.function(
      "outputArea", [], returns: .named("OutputArea"),
      Documentation(
        "A place in the notebook whose content can be replaced.",
        example: "let area = outputArea(); area.show { print(loss) }")
    ) { _, evaluation in .object(OutputArea(evaluation)) }
    builder.type("OutputArea", "A place whose content can be replaced.") { type in
      type.method(
        "show", [.positional("body", .function("() -> Any"), "prints and shows; its value is shown too")],
        Documentation("Replaces the content.", example: "area.show { h.plot() }")
      ) { arguments, evaluation in
        let body = try arguments.function("body")
        try arguments.receiver(as: OutputArea.self).replace(evaluation) { try evaluation.call(body, []) }
        return .void
      }
    }
  }
}
