import ArrayCore
import Autograd
import Foundation
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("Tasks of tasks and of samples")
struct TaskOperationTests {
  /// 6 samples of each of 4 classes; the input tells the row.
  private func samples() throws -> Samples {
    try Samples(
      Tensor((0..<24).map(Double.init), shape: [24, 1], dtype: .float64),
      Tensor((0..<24).map { $0 % 4 }, shape: [24]))
  }

  @Test("a split by class never shares a sample, whatever the seed, and is the same for the same seed")
  func splits() throws {
    for seed in 0..<20 as Range<UInt64> {
      for task in [
        try samples().splitByClass(shots: 2, testShots: 4, seed: seed),
        try samples().splitByClass(train: 0.4, test: 0.6, seed: seed),
        try samples().splitByClass(train: 0.99, seed: seed),
      ] {
        let test = try #require(task.test)
        let (train, rest) = (try task.train.inputs.toDoubles(), try test.inputs.toDoubles())
        #expect(Set(train + rest).count == train.count + rest.count)
        for set in [task.train, test] {
          #expect(Set(try set.targets.toInts()) == [0, 1, 2, 3])
          #expect(
            try zip(set.inputs.toDoubles(), set.targets.toInts()).allSatisfy { Int($0) % 4 == $1 })
        }
      }
      let again = try samples().splitByClass(shots: 2, testShots: 4, seed: seed)
      #expect(
        try again.train.inputs.toDoubles()
          == samples().splitByClass(shots: 2, testShots: 4, seed: seed).train.inputs.toDoubles())
    }
    let firsts = try Set(
      (0..<20).map {
        try samples().splitByClass(shots: 1, testShots: 0, seed: $0).train.inputs.toDoubles()
      })
    #expect(firsts.count > 10)
  }

  @Test("concatenated tasks and subsets have the samples in order")
  func parts() throws {
    let task = try samples().splitByClass(shots: 1, testShots: 2, seed: 3)
    let two = try Task.concatenated([task, task])
    #expect(try two.train.inputs.toDoubles() == task.train.inputs.toDoubles() + task.train.inputs.toDoubles())
    #expect(two.test?.count == 16)
    let some = try two.subset(train: [5, 0], test: [15])
    let inputs = try task.train.inputs.toDoubles()
    #expect(try some.train.inputs.toDoubles() == [inputs[1], inputs[0]])
    #expect(throws: LearningError.self) { try task.subset(train: [4]) }
    #expect(throws: LearningError.self) { try Task(train: task.train, test: nil).subset(test: [0]) }
    #expect(throws: LearningError.self) {
      try Task.concatenated([task, Task(train: task.train, test: nil)])
    }
  }

  @Test("the sampler of combinations has each choice of classes once")
  func combinations() throws {
    let all = try samples()
    let tasks = try ClassTasks(
      all.inputs, all.targets, ways: 2, shots: 1, testShots: 1, sampler: .combinations, seed: 5)
    #expect(tasks.count == 6)
    let chosen = try (0..<6).map { Set(try tasks[$0].train.inputs.toDoubles().map { Int($0) % 4 }) }
    #expect(Set(chosen).count == 6 && chosen.allSatisfy { $0.count == 2 })
    #expect(throws: LearningError.self) { try tasks[6] }
    // A batch that goes on behind the last begins with the first again.
    let round = try tasks.batch(4, from: 4)
    #expect(try round[2].train.inputs.toDoubles() == tasks[0].train.inputs.toDoubles())
    // More than an Int counts: without end.
    let many = try ClassTasks(
      Tensor.zeros([400, 1]), Tensor((0..<400).map { $0 / 2 }, shape: [400]), ways: 100, shots: 1,
      testShots: 1, sampler: .combinations)
    #expect(try many.count == nil && many[1_000_000].train.count == 100)
  }

  @Test("all samples of a split have the labels of their classes")
  func samplesOfSplit() throws {
    let all = try samples()
    let tasks = try ClassTasks(
      all.inputs, all.targets, ways: 2, shots: 1, testShots: 1, metaSplit: .train, split: [0.5, 0.25, 0.25])
    let own = try tasks.samples
    #expect(own.count == 12)
    #expect(
      try zip(own.inputs.toDoubles(), own.targets.toInts()).allSatisfy { tasks.classes[$1] == Int($0) % 4 })
  }

  @Test("hardness is the mean log odds against the right class")
  func hardness() throws {
    let embeddings = try Tensor([2, -7, 0, 4, 0, 6], shape: [3, 2], dtype: .float64)
    let labels = try Tensor([0, 1, 1] as [Int])
    func hardness(_ query: [Double], of label: Int) throws -> Double {
      try hardnessMetric(
        embeddings, labels, Tensor(query, shape: [1, 2], dtype: .float64), Tensor([label] as [Int]),
        numClasses: 2
      ).item()
    }
    // The negative feature counts as none, and each weight has length one: logits 3 and 4, p = 1 / (1 + exp(−1)).
    #expect(try abs(hardness([3, 4], of: 1) + 1) < 1e-12)
    #expect(try abs(hardness([3, 4], of: 0) - 1) < 1e-12)
    // Where p rounds to 1 the odds are still a number.
    #expect(try abs(hardness([-3, 1000], of: 1) + 1003) < 1e-9)
  }
}
