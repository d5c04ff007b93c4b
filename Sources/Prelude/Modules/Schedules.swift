import Diagnostics
import Display
import Interpreter
import NN

/// A ``Schedule`` as the language holds it.
struct HostedSchedule: HostValue {
  let schedule: any Schedule

  var hostTypeName: String { "Schedule" }
  var hostSummary: String { schedule.description }
}

extension TypeReference {
  /// What `lr:` takes.
  static let learningRate = TypeReference.oneOf([
    .double, .named("Schedule"), .function("(iteration) -> Double"),
  ])
}

extension Arguments {
  /// A rate as a number, a schedule, or a closure of the iteration.
  func learningRate(_ name: String = "lr", _ evaluation: Evaluation) throws -> LearningRate {
    if let hosted = self[name].object(as: Box<HostedSchedule>.self) {
      return LearningRate(hosted.value.schedule)
    }
    guard let schedule = self[name].functionValue else { return .constant(try double(name)) }
    return .schedule { iteration in
      let value = try evaluation.call(schedule, [.int(iteration)])
      guard let rate = value.numericValue else {
        throw Diagnostic(
          id: "type-mismatch",
          message: "the closure given as `\(name):` must give a number, not \(value.typeDescription)")
      }
      return rate
    }
  }
}

extension InnerloopLanguage {
  /// Learning rates that change with the number of the update.
  static func registerSchedules(in builder: RegistryBuilder) {
    builder.type(
      "Schedule",
      Documentation(
        "A learning rate as a function of the number of updates done so far, for `lr:`.",
        example: "Adam(lr: CosineSchedule(from: 0.001, to: 0.00001, over: 1000))",
        discussion: "It has no state: training that goes on from a checkpoint goes on with the same rates.")
    ) { type in
      type.method(
        "callAsFunction", [.positional("iteration", .int, "the number of updates done so far, from 0")],
        returns: .double,
        Documentation(
          "The rate of an update.", example: "CosineSchedule(from: 0.001, over: 1000)(500)")
      ) { arguments, _ in
        .double(
          try arguments.boxedReceiver(as: HostedSchedule.self).schedule(try arguments.count("iteration")))
      }
    }
    let start = Interpreter.Parameter.labelled("from", .double, "the first rate")
    builder.function(
      "CosineSchedule",
      [
        start, .labelled("to", .double, default: 0, "the last rate, which stays"),
        .labelled("over", .int, "after how many updates it is reached"),
      ], returns: .named("Schedule"),
      Documentation(
        "A learning rate that falls along half a cosine.",
        formula: "to + (from − to) / 2 · (1 + cos(π · min(n, over) / over))",
        example: "Adam(lr: CosineSchedule(from: 0.001, to: 0.00001, over: 1000))",
        paper: "Loshchilov and Hutter 2017; torch.optim.lr_scheduler.CosineAnnealingLR")
    ) { arguments, _ in
      HostedSchedule(
        schedule: try CosineSchedule(
          from: try arguments.double("from"), to: try arguments.double("to"), over: try arguments.int("over"))
      ).hosted
    }
    builder.function(
      "StepSchedule",
      [
        start, .labelled("factor", .double, default: 0.1, "what the rate is multiplied by"),
        .labelled("every", .int, "after each how many updates"),
      ], returns: .named("Schedule"),
      Documentation(
        "A learning rate that falls by a factor after each so many updates.",
        formula: "from · factor^⌊n / every⌋", example: "SGD(lr: StepSchedule(from: 0.1, every: 1000))",
        paper: "torch.optim.lr_scheduler.StepLR")
    ) { arguments, _ in
      HostedSchedule(
        schedule: try StepSchedule(
          from: try arguments.double("from"), factor: try arguments.double("factor"),
          every: try arguments.int("every"))
      ).hosted
    }
    builder.function(
      "LinearWarmUp",
      [
        .labelled("over", .int, "how many updates it takes"),
        .labelled("then", .learningRate, "what follows: a number, a schedule, or a closure of the iteration"),
      ], returns: .named("Schedule"),
      Documentation(
        "A learning rate that grows in equal steps to where another begins.",
        formula: "(n + 1) / over · then(0) for n < over, then(n − over) afterwards",
        example: "Adam(lr: LinearWarmUp(over: 100, then: CosineSchedule(from: 0.001, over: 900)))",
        paper: "Goyal et al. 2017; torch.optim.lr_scheduler.LinearLR")
    ) { arguments, evaluation in
      HostedSchedule(
        schedule: try LinearWarmUp(
          over: try arguments.int("over"), then: try arguments.learningRate("then", evaluation))
      ).hosted
    }
  }
}
