import ArrayCore
import Autograd
import NN
import OrderedCollections

extension MAML {
  /// Adapts the model to a task, without changing it.
  public final func adapt(
    _ task: Task, numAdaptationSteps: Int? = nil, stepSize: StepSize? = nil, firstOrder: Bool? = nil
  ) throws -> AdaptationResult {
    let loop = try innerLoop(numAdaptationSteps, stepSize, firstOrder)
    let group = TaskGroup(task, number: 0)
    let snapshot = snapshot
    let isUsual = numAdaptationSteps == nil && stepSize == nil && firstOrder == nil
    let run =
      try (isUsual ? replayedRun(group, of: loop) : nil) ?? loop.run(group, in: loop.scope(of: group))
    return AdaptationResult(
      params: NamedTensors(uniqueKeysWithValues: zip(loop.names, run.values[loop.steps])),
      innerLosses: try run.losses.map { mean(try perTask($0, group.tasks)) },
      accuracyBefore: try run.accuracy.map { mean(try $0.numbers(group.tasks)) },
      notes: loop.notes(run.unreached),
      table: { try withReplacedParameters(snapshot) { try loop.table(of: run) } })
  }

  public final func adapt(
    _ inputs: Tensor, _ targets: Tensor, numAdaptationSteps: Int? = nil, stepSize: StepSize? = nil,
    firstOrder: Bool? = nil
  ) throws -> AdaptationResult {
    try adapt(
      Task(train: Samples(inputs, targets), test: nil), numAdaptationSteps: numAdaptationSteps,
      stepSize: stepSize, firstOrder: firstOrder)
  }

  /// What an adaptation tells besides tensors.
  struct AdaptationNotes {
    let accuracy: Accuracy?
    let unreached: Set<Int>
  }

  /// The run of the learner's own inner loop on one task, replayed when it comes again, and recorded as one operation
  /// that is computed again when its derivative is asked for. nil where the numbers depend on more than parameters and
  /// constant samples.
  private func replayedRun(_ group: TaskGroup, of loop: InnerLoop) throws -> InnerLoop.Run? {
    let used = StepInputs(of: self)
    let samples = [group.train.inputs, group.train.targets]
    guard isReplayable, group.taskCount == nil, !samples.contains(where: \.isRecorded),
      used.parameters.allSatisfy({ $0.replacement == nil })
    else { return nil }
    let values = used.values
    var result: InnerLoop.Run?
    try adaptations.run([values + samples], setting: used.setting(), capturing: true) { _, tensors in
      let run = try ownRun(used, tensors, firstOrder: true)
      return Replays.Results(
        tensors: run.values.dropFirst().joined() + run.losses + (run.accuracy.map { [$0.tensor] } ?? []),
        notes: AdaptationNotes(accuracy: run.accuracy, unreached: run.unreached))
    } consume: { _, results in
      // Kept numbers are copies: the next replay writes over the results.
      let tensors = try results.tensors.map { Tensor(try $0.array.copied()) }
      let count = loop.parameters.count
      let adapted = try checkpoint(values, known: Array(tensors.prefix(loop.steps * count))) {
        inputs, recorded in
        try Array(
          self.ownRun(used, inputs + samples, firstOrder: recorded ? nil : true).values.dropFirst()
            .joined())
      }
      var run = InnerLoop.Run(group: group, values: [loop.parameters.map(\.value)])
      for step in 0..<loop.steps { run.values.append(Array(adapted[step * count..<(step + 1) * count])) }
      let measures = tensors.dropFirst(loop.steps * count)
      run.losses = Array(measures.prefix(loop.steps))
      run.accuracy = results.notes.accuracy.flatMap { old in
        measures.last.map { Accuracy(tensor: $0, samples: old.samples) }
      }
      run.unreached = results.notes.unreached
      result = run
    }
    return result
  }

  /// - Parameter tensors: values of what is used, then the inputs and targets of the train set.
  private func ownRun(
    _ used: StepInputs, _ tensors: [Tensor], firstOrder: Bool?
  ) throws -> InnerLoop.Run {
    try used.withRecorded(tensors) { _, samples in
      let loop = try innerLoop(nil, nil, firstOrder)
      let group = try TaskGroup(tensors: samples, firstTask: 0)
      return try loop.run(group, in: loop.scope(of: group))
    }
  }
}

extension InnerLoop {
  /// The losses and accuracies of a run, without a graph. Train losses before each step are known already.
  func table(of run: Run) throws -> AdaptationTable {
    try noGrad {
      let group = run.group
      let scope = scope(of: group)
      var table = AdaptationTable(steps: Array(0...steps))
      var trainAccuracies: [Double]? = []
      var tests: (losses: [Double], accuracies: [Double]?)? = group.test.map { _ in ([], []) }
      for step in 0...steps {
        let values = run.values[step]
        let (prediction, loss) = try forward(group.train, values, .train(step: step), in: scope)
        table.trainLosses.append(
          mean(try perTask(step < steps ? run.losses[step] : loss, group.tasks)))
        trainAccuracies = try appended(trainAccuracies, prediction, group.train, group.tasks)
        if let test = group.test, let known = tests {
          let (prediction, loss) = try forward(test, values, .test(step: step), in: scope)
          tests = (
            known.losses + [mean(try perTask(loss, group.tasks))],
            try appended(known.accuracies, prediction, test, group.tasks)
          )
        }
      }
      table.trainAccuracies = trainAccuracies
      table.testLosses = tests?.losses
      table.testAccuracies = tests?.accuracies
      return table
    }
  }

  private func appended(
    _ list: [Double]?, _ prediction: Tensor, _ samples: Samples, _ tasks: Int
  ) throws -> [Double]? {
    guard let list, let own = try Accuracy(prediction, samples.targets) else { return nil }
    return list + [mean(try own.numbers(tasks))]
  }
}
