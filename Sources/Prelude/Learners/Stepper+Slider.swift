import Display
import Interpreter
import MetaLearning

extension InnerloopLanguage {
  /// `stepper.slider()`.
  static func registerSlider(in type: TypeBuilder) {
    type.method(
      "slider",
      [
        .labelled("steps", .int, default: 10, "how far it goes, and further where more steps have been taken")
      ],
      returns: .named("Interaction"),
      Documentation(
        "A slider over the steps, and below it the model here beside the start, and the losses of all steps.",
        example: "maml.stepper(task).slider()",
        discussion:
          "Moving it moves the stepper: `params`, `loss` and `edit` in other cells are those of its place.")
    ) { arguments, evaluation in
      let stepper = try arguments.receiver(as: Stepper.self)
      let steps = try arguments.int("steps")
      guard (1...10_000).contains(steps) else {
        throw arguments.problem("steps", "`steps:` must be 1 to 10000, not \(steps)")
      }
      let last = max(steps, stepper.count - 1)
      let slider = try Control.slider(
        RangeValue(lower: .int(0), upper: .int(last), isClosed: true), value: Double(stepper.position),
        step: nil,
        label: "step", log: false, evaluation)
      return .object(
        try Interaction([slider], evaluation) { values, evaluation in
          let place = values.first?.intValue ?? 0
          // A change in another cell may have dropped the later steps.
          try stepper.go(to: max(last, place))
          try stepper.go(to: place)
          if let drawing = try stepper.drawing([(place, "here"), (0, "start")], dashing: "start") {
            let title = place == 1 ? "after 1 step" : "after \(place) steps"
            evaluation.output.display(
              Plot(drawing.series, title: title, xLabel: drawing.x, yLabel: drawing.y).mimeBundle)
          }
          let history = try stepper.history
          let marks = history.trainLosses.indices.map { $0 == place ? "◀" : "" }
          return DataTable(history.measureColumns + [.init("", marks)]).hosted
        })
    }
  }
}
