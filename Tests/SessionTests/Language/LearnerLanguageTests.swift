import TestSupport
import Testing

@Suite("the language's description: learners")
struct LearnerLanguageTests {
  private static let preamble = """
    let tasks = Sinusoid(shots: 5, testShots: 7, seed: 3)
    let task = tasks[0]
    let batch = tasks.batch(3)
    let batches = tasks.batches(of: 3)
    let model = MetaMLPModel(1, 1, hiddenSizes: [8], seed: 1)
    let maml = MAML(model, optimizer: Adam(lr: 0.001), stepSize: 0.01, numAdaptationSteps: 2)
    """

  @Test(
    "learners without a derivative of the inner loop, or without an inner loop",
    arguments: [
      Example(
        "let r = Reptile(model, optimizer: SGD(lr: 0.5), stepSize: 0.01, numAdaptationSteps: 3); let start = model.parameters[\"classifier.bias\"]!.detach() + 0; let ends = (0..<3).map { r.adapt(batch[$0]).params[\"classifier.bias\"]! }; r.train([batch], maxBatches: 1); let way = (ends[0] + ends[1] + ends[2]) / 3 - start; print(allClose(model.parameters[\"classifier.bias\"]!, start + 0.5 * way, atol: 0.00001), r)",
        prints: "true Reptile(MetaMLPModel, numAdaptationSteps: 3), 1 iterations"),
      Example(
        "let g = Glyphs(ways: 3, shots: 1, testShots: 2, classes: 10, perClass: 4); for p in [PrototypicalNetworks(MetaSequential(Flatten(), Linear(784, 8, seed: 1)), optimizer: Adam(lr: 0.001), ways: 3), MatchingNetworks(MetaSequential(Flatten(), Linear(784, 8, seed: 1)), optimizer: Adam(lr: 0.001))] { p.train(g.batches(of: 2), maxBatches: 3); let o = p.outerLoss(g.batch(2)); print(p, o.accuraciesAfter!.count, o.gradients.keys, p.evaluate(g.batches(of: 2), maxBatches: 2).losses.count, p.history.count) }",
        prints:
          "PrototypicalNetworks(MetaSequential, ways: 3), 3 iterations 2 [\"1.weight\", \"1.bias\"] 1 3\nMatchingNetworks(MetaSequential), 3 iterations 2 [\"1.weight\", \"1.bias\"] 1 3"
      ),
      Example(
        "let r = R2D2(model, optimizer: Adam(lr: 0.01), initScale: 2, initBias: 0.5, initRegularization: 0.25); print(r.scale.item(), r.bias.item(), abs(r.regularization.item() - 0.25) < 1e-6, r.outerLoss(batch).gradients.keys.last!, r.adapt(task).params.keys, r.adapt(task).table.count, r.train(batches, maxBatches: 3).count, r.evaluate(batches, maxBatches: 1).count, r.scale.item() == 2, r)",
        prints:
          "2.0 0.5 true head.logRegularization [\"weight\", \"bias\"] 1 3 3 false R2D2(MetaMLPModel), 3 iterations"
      ),
      Example(
        "let x = Tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]); let y = Tensor([[1.0], [2.0], [3.0]]); let s = ridge_regression(x, y, 1e-6); let (w, b) = ridgeRegression(x, y, 1e-6, useWoodbury: true); let c = ridge_regression(x, Tensor([0, 1, 1], dtype: .int64), reg_lambda: 0.1, num_classes: 4, use_woodbury: false, scale: false, bias: false); print(allClose(s.weight, Tensor([[1.0, 2.0]]), atol: 0.01), allClose(s.weight, w, atol: 0.01), abs(b!.item()) < 0.01, c.weight.shape, c.bias)",
        prints: "true true true [4, 2] nil"),
      Example(
        "print(solve([[2, 0], [0, 4]], [2, 2]).array, solve(eye(2), ones(2, 3)).shape)",
        prints: "[1.0, 0.5] [2, 3]"),
      Example(
        "let e = Tensor([[1.0, 0.0], [0.0, 1.0]]); let y = Tensor([0, 1], dtype: .int64); print(get_prototypes(e, y, num_classes: 2) == e, prototypical_loss(e, e, y).item() < 0.32, matching_loss(e, y, e, y, num_classes: 2).item() < 0.7, matching_probas(e, y, e, num_classes: 2).sum().item())",
        prints: "Tensor([[1, 1], [1, 1]], shape: [2, 2], int64) true true 2.0"),
      Example(
        "let e = Tensor([[1.0, 0.0], [0.0, 1.0]]); let y = Tensor([0, 1], dtype: .int64); print(hardnessMetric(e, y, e, y, numClasses: 2).item() < 0, hardness_metric(e, y, e, Tensor([1, 0], dtype: .int64), num_classes: 2).item() > 0)",
        prints: "true true"),
      Example(
        "model.freeze([\"features.*\", \"*.bias\"]); print(maml.adapt(task).params.keys); for s in maml.trainIter(batches, maxBatches: 3) { print(s.gradients.keys) }; print(model.frozenParameters.count, model.unfreeze(\"*.bias\").frozenParameters.keys)",
        prints:
          "[\"classifier.weight\"]\n[\"classifier.weight\"]\n[\"classifier.weight\"]\n[\"classifier.weight\"]\n3 [\"features.layer1.linear.weight\"]"
      ),
      Example(
        "let w = model.parameters[\"classifier.bias\"]!; w.assign([0.25]); print(w.item(), ClassTasks(randn(40, 2), Tensor((0..<40).map { $0 % 10 }, dtype: .int64), ways: 2, testShots: 1, metaSplit: .val, split: [0.5, 0.3, 0.2]).classes.count)",
        prints: "0.25 3"),
      Example(
        "let t = tasks.transformed(inputs: { x in x + randn(x.shape) }, targets: { $0 * 2 }); let (own, new) = (tasks[3], t[3]); print(allClose(new.train.targets, own.train.targets * 2), allClose(new.test.inputs, t[3].test.inputs), allClose(new.test.inputs, own.test.inputs), new.amplitude == own.amplitude, allClose((new.train.inputs - own.train.inputs)[0..<5], (new.test.inputs - own.test.inputs)[0..<5]), maml.train(t.batches(of: 2), maxBatches: 2).count)",
        prints: "true true false true false 2"),
      Example(
        "print([0.0, 0.5].map { \"\\(maml.stepper(Sinusoid(noise: $0, seed: 1)[0]).plot())\".contains(\"true curve\") })",
        prints: "[true, false]"),
      Example(
        "let s = maml.stepper(task); s.step().step(2); let a = maml.adapt(task, numAdaptationSteps: 3); print(s.position, a.params.keys.filter { !allClose(a.params[$0]!, s.params[$0]!, rtol: 0, atol: 0) }.count, s.predictions.shape, s.gradients.keys == s.params.keys, s.history.count, s.history.columns.count, s.back(2).position, s.to(2).position)",
        prints: "3 0 [7, 1] true 4 9 1 2"),
      Example(
        "let s = maml.stepper(task).to(2); let before = s.loss; s.edit(1, input: [0.5], target: [2.0]); print(s.task.train.targets[1].item(), task.train.targets[1].item() == 2.0, s.loss == before, s.stepSize); s.stepSize = 0.5; s.step(); print(s.stepSize, s.position)",
        prints: "2.0 false false nil\n0.5 3"),
      Example(
        "let m = maml.metaGradient(batch); print(m.gradients.keys == m.secondOrder.keys, m.table.count, m.check(elements: 3).columns, allClose(m.firstOrder[\"classifier.bias\"]! + m.secondOrder[\"classifier.bias\"]!, m.gradients[\"classifier.bias\"]!), abs(m.loss - maml.outerLoss(batch).loss.item()) < 0.0001)",
        prints: "true 5 [\"parameter\", \"elements\", \"largest difference\"] true true"),
      Example(
        "print(Harmonic(shots: 3)[1].train.inputs.shape, SinusoidAndLine(numSamplesPerTask: 8)[2].test.targets.shape, Sinusoid(noise: 0.1)[0].phase > 0, (0.8...1.2).contains(Sinusoid(frequency: 0.8...1.2)[4].frequency))",
        prints: "[3, 1] [4, 1] true true"),
    ])
  func others(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "adaptation and the outer loss",
    arguments: [
      Example(
        "let a = maml.adapt(task, numAdaptationSteps: 3, stepSize: 0.01, firstOrder: true); print(a.params.keys == model.metaNamedParameters().keys, a.innerLosses.count, a.accuracyBefore, a.table.count, a.table.columns)",
        prints: "true 3 nil 4 [\"step\", \"train (support) loss\", \"test (query) loss\"]"),
      Example(
        "let a = maml.adapt(task.train.inputs, task.train.targets, num_adaptation_steps: 1); print(a.inner_losses.count, a.table.columns.count)",
        prints: "1 2"),
      Example(
        "let o = maml.outerLoss(batch); print(o.loss.shape, abs(o.loss.item() - o.meanOuterLoss) < 1e-6, o.outerLosses.count, o.innerLosses.map { $0.count }, o.accuraciesBefore, o.accuraciesAfter, o.gradients.count)",
        prints: "[] true 3 [3, 3] nil nil 4"),
      Example(
        "let o = maml.get_outer_loss([task, task], num_adaptation_steps: 1, step_size: 0.1, first_order: true); print(o.mean_outer_loss == o.outer_losses[0], o.num_tasks, o.inner_losses.count)",
        prints: "true 2 1"),
      Example(
        "let o = maml.outerLoss(batch); let g = gradient(of: o.loss, wrt: model); for (name, d) in o.gradients { assert(allClose(d, g[name]!), name) }; print(g.count)",
        prints: "4"),
      Example(
        "let a = maml.adapt(task); print(gradient(of: mse(model(task.test.inputs, params: a.params), task.test.targets), wrt: model).count)",
        prints: "4"),
      Example(
        "let g = Glyphs(ways: 2, shots: 1, testShots: 3, classes: 10, perClass: 4); let m = MAML(MetaSequential(Flatten(), MetaLinear(784, 2, seed: 1))); let o = m.outerLoss(g.batch(2)); print(o.accuraciesBefore!.count, o.accuraciesAfter!.max()! <= 1, m.adapt(g[0]).table.columns.count)",
        prints: "2 true 5"),
    ])
  func adaptation(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "learned rates, other learners and other losses",
    arguments: [
      Example(
        "print(MAML(model, learnStepSize: true).outerLoss(batch).gradients.keys.last!, MAML(model).stepSize)",
        prints: "stepSize 0.1"),
      Example(
        "print(MAML(model, learn_step_size: true, per_param_step_size: true).outerLoss(batch).gradients.keys.last!)",
        prints: "stepSize.classifier.bias"),
      Example(
        "print(MetaSGD(model, optimizer: Adam(), initStepSize: 0.1).stepSize[\"classifier.weight\"]!.shape, FOMAML(model).outerLoss(batch).gradients.count)",
        prints: "[1, 8] 4"),
      Example(
        "print(ANIL(model, adapting: \"classifier.*\").adapt(task).params.keys, MAML(model, adapting: [\"*.bias\"]).adapt(task).params.keys)",
        prints:
          "[\"classifier.weight\", \"classifier.bias\"] [\"features.layer1.linear.bias\", \"classifier.bias\"]"
      ),
      Example(
        "let a = MAML(model, lossFunction: { p, t in mse(p, t) }).outerLoss(batch); let b = ModelAgnosticMetaLearning(model, loss_function: .mse).outerLoss(batch); print(a.outerLosses == b.outerLosses)",
        prints: "true"),
      Example(
        "let deep = MetaSequential(MetaLinear(1, 4, seed: 1), MetaBatchNorm1d(4), ReLU(), MetaLinear(4, 1, seed: 2)); let p = MAMLPlusPlus(deep, optimizer: Adam(lr: CosineSchedule(from: 0.01, over: 20)), stepSize: 0.05, numAdaptationSteps: 2, multiStepIterations: 4, firstOrderIterations: 2, perStepStatistics: true, statisticsMomentum: 0.2); print(p.outerLoss(batch).gradients.keys.suffix(3), p.stepSize[\"0.weight\"]!.shape, p.adapt(task).params.keys); p.train(batches, maxBatches: 6); print(p.evaluate(batches, maxBatches: 2).losses.count, p.history.count, p)",
        prints:
          "[\"stepSize.3.bias\", \"perStep.1.weight\", \"perStep.1.bias\"] [2] [\"0.weight\", \"0.bias\", \"3.weight\", \"3.bias\"]\n3 6 MAMLPlusPlus(MetaSequential, numAdaptationSteps: 2), 6 iterations"
      ),
      Example(
        "let off = MAMLPlusPlus(model, stepSize: 0.01, numAdaptationSteps: 2, learnStepSizes: false, multiStepIterations: 0, perStepNorm: false, recompute: true, adapting: \"*\", lossFunction: .mse); print(off.outerLoss(batch).outerLosses == maml.outerLoss(batch).outerLosses)",
        prints: "true"),
      Example(
        "let zero = MAML(model, numAdaptationSteps: 0); let o = zero.outerLoss(batch); let joint = gradient(of: (0..<3).map { mse(model(batch[$0].test.inputs), batch[$0].test.targets) }.reduce(0) { $0 + $1 } / 3, wrt: model); for (name, d) in o.gradients { assert(allClose(d, joint[name]!, rtol: 1e-4, atol: 1e-5), name) }; print(zero.adapt(task).innerLosses, o.innerLosses, zero.evaluate(batches, maxBatches: 1).losses.count)",
        prints: "[] [] 1"),
    ])
  func variants(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "recomputed steps give the same gradients, and a profile says where the time goes",
    arguments: [
      Example(
        "for make in [{ r in MAML(model, numAdaptationSteps: 3, recompute: r) }, { r in MetaSGD(model, numAdaptationSteps: 3, recompute: r) }, { r in ANIL(model, numAdaptationSteps: 3, recompute: r) }] { let a = make(false).outerLoss(batch); let b = make(true).outerLoss(batch); print(a.outerLosses == b.outerLosses, a.gradients.allSatisfy { allClose($0.value, b.gradients[$0.key]!, rtol: 1e-5, atol: 1e-6) }) }",
        prints: "true true\ntrue true\ntrue true"),
      Example(
        "let t = maml.profile(batch, repeats: 2); print(t[\"operation\"].contains(\"matmul\"), t[\"operation\"].last!, t[\"ms\"].allSatisfy { $0 >= 0 }, t[\"% of step\"].last!, maml.iteration)",
        prints: "true step true 100.0 0"),
      Example(
        "let data = (ones(4, 1), ones(4, 1)); print(MLDG(model).profile(Domains([\"a\": data, \"b\": data])).columns[0])",
        prints: "operation"),
    ])
  func measures(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "training goes on where it ended",
    arguments: [
      Example(
        "for r in maml.trainIter(batches, maxBatches: 2) { print(r.iteration, maml.iteration, r.gradients.count) }; for r in maml.train_iter(batches, max_batches: 1) { print(r.iteration) }",
        prints: "0 1 4\n1 2 4\n2"),
      Example(
        "let h = maml.train(batches, maxBatches: 3); let again = maml.train(batches, maxBatches: 2); let whole = MAML(MetaMLPModel(1, 1, hiddenSizes: [8], seed: 1), optimizer: Adam(lr: 0.001), stepSize: 0.01, numAdaptationSteps: 2); print(again.table[\"step\"], maml.iteration, maml.history.losses == h.losses + again.losses, whole.train(batches, maxBatches: 5).losses == maml.history.losses)",
        prints: "[4, 5] 5 true true"),
      Example(
        "let o = Adam(lr: 0.001); let l = MAML(model, optimizer: o); l.train([batch, batch], maxBatches: 3); print(o.stepCount, l.optimizer!.stepCount)",
        prints: "0 3"),
      Example("print(maml.train(batches.prefix(2), maxBatches: 3).count)", prints: "2"),
      Example(
        "var it = AnyIterator { tasks.batch(2) }; print(maml.train(it, maxBatches: 2).count)", prints: "2"),
      Example(
        "let before = model.copy(); let e = maml.evaluate(batches, maxBatches: 4, numAdaptationSteps: 3); print(e.losses.count, e.lossCI.count, e.accuracies, e.count, allClose(before.classifier.weight, model.classifier.weight), e.table.columns[1])",
        prints: "4 4 nil 12 true test (query) loss"),
    ])
  func training(example: Example) { example.check(after: Self.preamble) }

  @Test("what was learned survives an error in the middle, a save and a load")
  func survival() throws {
    try withTemporaryFolder { folder in
      let run = LanguageRunner()
      run(Self.preamble)
      let answer = run(
        "let failing = MAML(model.copy(), optimizer: Adam(lr: { i in i < 2 ? 0.001 : [0.1][i] }), stepSize: 0.01, numAdaptationSteps: 2)\nfailing.train(batches, maxBatches: 5)"
      )
      #expect(answer.result.ending == .failed)
      #expect(run("(failing.iteration, failing.history.count)").value == "(2, 2)")
      Example(
        """
        maml.train(batches, maxBatches: 3)
        maml.save("\(folder)/maml")
        let other = MAML(MetaMLPModel(1, 1, hiddenSizes: [8], seed: 9), optimizer: Adam(lr: 0.001), stepSize: 0.01, numAdaptationSteps: 2)
        other.load("\(folder)/maml")
        print(other.iteration, other.history.losses == maml.history.losses)
        print(other.train(batches, maxBatches: 2).losses == maml.train(batches, maxBatches: 2).losses)
        """, prints: "3 true\ntrue"
      ).check(after: Self.preamble)
    }
  }

  @Test("an evaluation with batch norm is marked as transductive")
  func transductive() {
    let answer = LanguageRunner()(
      "MAML(MetaSequential(MetaLinear(1, 2), MetaBatchNorm1d(2), MetaLinear(2, 1))).evaluate(Sinusoid().batches(of: 2), maxBatches: 1)"
    )
    #expect(answer.errors == [])
    #expect(answer.value?.contains("transductive") == true)
  }

  @Test(
    "MLDG and its baseline",
    arguments: [
      Example(
        "let o = mldg.outerLoss(domains, metaTest: [3]); print(o.loss.shape, abs(o.loss.item() - o.metaTrainLoss - o.metaTestLoss) < 1e-5, o.gradients.keys, o.gradientInnerProduct > 0)",
        prints: "[] true [\"1.weight\", \"1.bias\"] true"),
      Example(
        "let o = mldg.outerLoss(domains, metaTest: [3]); print(mldg.outer_loss(domains, meta_test: [\"45\"]).meta_test_loss == o.metaTestLoss, mldg.outerLoss(domains, metaTest: 3).metaTestLoss == o.metaTestLoss)",
        prints: "true true"),
      Example(
        "let s = domains[\"0\"]; print(mldg.outerLoss([(s.inputs, s.targets), domains[\"15\"]], metaTest: [1]).loss.shape)",
        prints: "[]"),
      Example(
        "for r in mldg.trainIter(domains, maxBatches: 2) { print(r.loss.shape) }; print(mldg.train(domains, maxBatches: 2).count, mldg.iteration)",
        prints: "[]\n[]\n2 4"),
      Example(
        "let d = MLDG(MetaSequential(Flatten(), Linear(784, 3, seed: 1)), optimizer: Adam(), stepSize: 0.001, numMetaTestDomains: 2, variant: .domainBed, selection: .cyclic, seed: 4); for r in d.trainIter(domains, maxBatches: 2) { print(r.metaTest.count) }; print(d.outerLoss(domains, metaTest: [3, 1]).metaTest)",
        prints: "2\n2\n[\"15\", \"45\"]"),
      Example(
        "let e = mldg.evaluate(domains); print(e.accuracies[\"15\"]! <= 1, e.meanAccuracy! <= 1, ERM(model, optimizer: Adam()).train(domains, maxBatches: 1).count)",
        prints: "true true 1"),
      Example(
        "let m = mldg.metaGradient(domains, metaTest: [\"45\"]); print(m.check(elements: 2).columns.count, m.table.count, m.gradients.keys, m.alignment.layers.columns, m.alignment.innerProduct > 0)",
        prints: "3 3 [\"1.weight\", \"1.bias\"] [\"layer\", \"F′·G′\", \"cosine\"] true"),
      Example(
        "let a = mldg.alignment(domains, metaTest: 3); let o = mldg.outer_loss(domains, meta_test: [3]); print(abs(a.innerProduct - o.gradientInnerProduct) < 0.0001, a.pairs.columns.count, a.products.count, ERM(model).alignment(domains).cosine == mldg.alignment(domains).cosine)",
        prints: "true 7 6 true"),
    ])
  func domains(example: Example) {
    example.check(
      after: """
        let domains = RotatedGlyphs(classes: 3, perClass: 2)
        let model = MetaSequential(Flatten(), MetaLinear(784, 3, seed: 1))
        let mldg = MLDG(model, optimizer: Adam(), stepSize: 0.01, beta: 1.0, numMetaTestDomains: 1, firstOrder: false, lossFunction: .crossEntropy)
        """)
  }

  @Test(
    "wrong arguments of learners",
    arguments: [
      Refusal("MAML(model).train(batches)", says: "optimizer: Adam(lr: 0.001)"),
      Refusal("maml.train(tasks)", says: "tasks.batches(of: 25)"),
      Refusal("maml.train(batches, maxBatches: -1)", says: "at least 0"),
      Refusal("maml.outerLoss(Batch([Task(train: task.train)]))", says: "no test (query) set"),
      Refusal("MAML(model, numAdaptationSteps: -1)", says: "at least 0"),
      Refusal("MAML(model, adapting: \"clasifier.*\")", says: "no parameter matches"),
      Refusal("MAMLPlusPlus(model, numAdaptationSteps: 0)", says: "at least 1"),
      Refusal("MAMLPlusPlus(model, statisticsMomentum: 2)", says: "it must be 0 to 1"),
      Refusal("MAML(model, lossFunction: .hinge)", says: "`.crossEntropy`, `.mse`"),
      Refusal("maml.adapt(task, is_classification_task: true)", says: "int64 targets"),
      Refusal("MAML(model, scheduler: 1)", says: "CosineSchedule"),
      Refusal("maml.adapt(task, stepSize: [\"bias\": 0.1])", says: "no entry"),
      Refusal(
        "MLDG(model).outerLoss([(ones(2, 1), ones(2, 1)), (ones(2, 1), ones(2, 1))], metaTest: [9])",
        says: "no domain number 9"),
      Refusal(
        "MLDG(model, variant: .domainBed).metaGradient([(ones(2, 1), ones(2, 1)), (ones(2, 1), ones(2, 1))], metaTest: [1])",
        says: "takes no derivative through its inner step"),
      Refusal("ERM(model).alignment([(ones(2, 1), ones(2, 1))])", says: "both sides need one at least"),
    ])
  func refusals(refusal: Refusal) { refusal.check(after: Self.preamble) }
}
