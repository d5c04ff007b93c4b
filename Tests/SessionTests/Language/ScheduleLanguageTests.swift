import Testing

@Suite("the language's description: learning-rate schedules")
struct ScheduleLanguageTests {
  @Test(
    "schedules give rates, and optimizers and learners take them",
    arguments: [
      Example(
        "let c = CosineSchedule(from: 0.2, to: 0.1, over: 4); print(c(0), c(2), c(4), c(9), c)",
        prints: "0.2 0.15000000000000002 0.1 0.1 CosineSchedule(from: 0.2, to: 0.1, over: 4)"),
      Example(
        "let s = StepSchedule(from: 1, factor: 0.5, every: 2); print((0..<5).map { s($0) }, StepSchedule(from: 1, every: 1)(1))",
        prints: "[1.0, 1.0, 0.5, 0.5, 0.25] 0.1"),
      Example(
        "let w = LinearWarmUp(over: 2, then: StepSchedule(from: 1, factor: 0.5, every: 1)); print((0..<4).map { w($0) }, LinearWarmUp(over: 4, then: 0.4)(0), LinearWarmUp(over: 1, then: { i in i + 5 })(3))",
        prints: "[0.5, 1.0, 1.0, 0.5] 0.1 7.0"),
      Example(
        "let w = Parameter(zeros(1)); let o = SGD(lr: StepSchedule(from: 1, factor: 0.5, every: 1)); for _ in 0..<3 { o.step(w, loss: -w.sum()) }; print(w.item())",
        prints: "1.75"),
      Example(
        """
        func make(_ rate: Any) { MAML(MetaMLPModel(1, 1, hiddenSizes: [4], seed: 1), optimizer: Adam(lr: rate), stepSize: 0.01) }
        let batches = Sinusoid(shots: 4, seed: 1).batches(of: 2)
        let a = make(CosineSchedule(from: 0.01, over: 6)); let s = CosineSchedule(from: 0.01, over: 6)
        let b = make({ i in s(i) })
        print(a.train(batches, maxBatches: 6).losses == b.train(batches, maxBatches: 6).losses)
        let p = a.model.parameters["classifier.bias"]!.item(); a.train(batches, maxBatches: 2)
        print(a.model.parameters["classifier.bias"]!.item() == p)
        """, prints: "true\ntrue"),
    ])
  func schedules(example: Example) { example.check() }

  @Test(
    "wrong schedules are refused",
    arguments: [
      Refusal("CosineSchedule(from: -1, over: 3)", says: "from is -1.0, it must be not negative"),
      Refusal("CosineSchedule(from: 1, over: 0)", says: "over"),
      Refusal("StepSchedule(from: 1, every: 0)", says: "every"),
      Refusal("LinearWarmUp(over: 3, then: -1)", says: "then is -1.0"),
      Refusal("CosineSchedule(from: 1, over: 5)(-1)", says: "at least 0"),
      Refusal("CosineAnnealingLR(1)", says: "CosineSchedule(from: 0.001, over: 1000)"),
      Refusal("StepLR(1)", says: "StepSchedule"), Refusal("LinearLR(1)", says: "LinearWarmUp"),
      Refusal("LambdaLR(1)", says: "{ i in 0.001 }"),
    ])
  func refusals(refusal: Refusal) { refusal.check() }
}
