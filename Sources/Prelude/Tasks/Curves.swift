import Autograd
import Diagnostics
import Interpreter
import MetaLearning

extension InnerloopLanguage {
  /// Toy regression: a curve a task.
  static func registerCurves(in builder: RegistryBuilder) {
    curves(
      Sinusoid.self, "Regression on a sine of random amplitude and phase.",
      "y = amplitude · sin(frequency · x − phase), amplitude in [0.1, 5], phase in [0, π], x in [−5, 5]",
      "Finn et al. 2017; torchmeta Sinusoid",
      "A task has `.amplitude` and `.phase`, and `.frequency` where that is drawn.",
      own: [
        .labelled(
          "frequency", .range, default: nil,
          "what a task's frequency is drawn from, `0.8...1.2`; 1 unless given")
      ], in: builder)
    curves(
      Harmonic.self, "Regression on two harmonics around a random centre.",
      "y = a₁ sin(ω x + b₁) + a₂ sin(2 ω x + b₂), ω in [5, 7], phases in [0, 2π], amplitudes normal, x ~ N(centre, 1)",
      "Lacoste et al. 2018; torchmeta Harmonic",
      "A task has `.frequency`, `.centre`, `.amplitude1`, `.phase1`, `.amplitude2` and `.phase2`.",
      in: builder)
    curves(
      SinusoidAndLine.self, "Regression on sines and lines, one or the other by chance.",
      "y = amplitude · sin(x − phase) or y = slope · x + intercept, slope and intercept in [−3, 3]",
      "Finn et al. 2018; torchmeta SinusoidAndLine",
      "A task has `.amplitude` and `.phase`, or `.slope` and `.intercept`.", in: builder)
  }

  private static func curves(
    _ kind: Curves.Type, _ what: String, _ formula: String, _ paper: String, _ attributes: String,
    own: [Interpreter.Parameter] = [], in builder: RegistryBuilder
  ) {
    let name = String(describing: kind)
    let shared: [Interpreter.Parameter] =
      [
        .labelled("metaSplit", .named("MetaSplit"), default: .case("train"), "which part of the tasks"),
        .labelled("seed", .int, default: 0, "decides every task"),
        .labelled("noise", .double, default: 0, "the standard deviation of normal noise on the targets"),
      ] + own
    @Sendable func make(_ arguments: Arguments, _ shots: Int, _ testShots: Int) throws -> Value {
      let metaSplit = try arguments.metaSplit() ?? .train
      let seed = UInt64(bitPattern: Int64(try arguments.int("seed")))
      let noise = try arguments.double("noise")
      if case .range(let range) = arguments["frequency"] {
        return .object(
          try Sinusoid(
            shots: shots, testShots: testShots, metaSplit: metaSplit, seed: seed, noise: noise,
            frequency: try bounds(range)))
      }
      return .object(
        try kind.init(
          shots: shots, testShots: testShots, metaSplit: metaSplit, seed: seed, noise: noise, dtype: .float32)
      )
    }
    builder.type(name, parent: "Tasks") { type in
      type.initializer(
        [
          .labelled("shots", .int, default: 10, "samples of the support set"),
          .labelled("testShots", .int, default: 15, "samples of the query set"),
        ] + shared,
        Documentation(
          what, formula: formula, shapes: "inputs and targets [shots, 1]", example: "\(name)(shots: 10)",
          paper: paper, discussion: attributes)
      ) { arguments, _ in
        try make(arguments, try arguments.int("shots"), try arguments.int("testShots"))
      }
      type.initializer(
        [
          .labelled("numSamplesPerTask", .int, "samples of both sets together"),
          .labelled("shots", .int, default: nil, "samples of the support set; half, unless given"),
        ] + shared, Documentation("The same, counted as torchmeta counts.", paper: "torchmeta \(name)")
      ) { arguments, _ in
        let total = try arguments.int("numSamplesPerTask")
        let shots = try arguments.optionalInt("shots") ?? total / 2
        return try make(arguments, shots, total - shots)
      }
    }
  }

  private static func bounds(_ range: RangeValue) throws -> ClosedRange<Double> {
    guard range.isClosed, let lower = range.lower?.double, let upper = range.upper?.double, lower <= upper
    else {
      throw Diagnostic(
        id: "invalid-argument",
        message: "frequency is a range with both its bounds, not \(Value.range(range).description)",
        hints: ["Sinusoid(frequency: 0.8...1.2)"])
    }
    return lower...upper
  }
}
