import Diagnostics

extension StandardLibrary {
  static func registerMeasuring(in builder: RegistryBuilder) {
    builder.function(
      "measure",
      [
        .labelled("repeat", .int, default: 1, "how often the closure runs"),
        .labelled("body", .function("() -> Void"), "what is timed"),
      ], returns: .tuple([.double, .double]),
      Documentation(
        "Times a closure: `median` and `spread` (longest minus shortest) in seconds.",
        example: "measure(repeat: 10) { matmul(a, b) }.median")
    ) { arguments, evaluation in
      let count = try arguments.int("repeat")
      guard count >= 1 else { throw arguments.problem("repeat", "a measurement runs at least once") }
      try SizeLimit.check(count)
      let body = try arguments.function("body")
      let clock = ContinuousClock()
      var seconds: [Double] = []
      for _ in 0..<count {
        let start = clock.now
        _ = try evaluation.call(body, [])
        let parts = start.duration(to: clock.now).components
        seconds.append(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
      }
      seconds.sort()
      let median = (seconds[(count - 1) / 2] + seconds[count / 2]) / 2
      let spread = (seconds.last ?? 0) - (seconds.first ?? 0)
      return .tuple(TupleValue([.double(median), .double(spread)], labels: ["median", "spread"]))
    }
  }
}
