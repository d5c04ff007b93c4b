import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("Tasks")
struct TaskTests {
  @Test("a sinusoid task is the same on every access, alone or in a batch")
  func access() throws {
    let tasks = try Sinusoid(shots: 3, testShots: 4, seed: 7)
    let batch = try tasks.batch(5, from: 10)
    for index in 0..<5 {
      let (alone, inBatch) = (try tasks[10 + index], try batch[index])
      #expect(try alone.train.inputs.toDoubles() == inBatch.train.inputs.toDoubles())
      #expect(try alone.test?.targets.toDoubles() == inBatch.test?.targets.toDoubles())
      #expect(alone.attributes == inBatch.attributes)
      #expect(alone.support.inputs.shape == [3, 1] && alone.query?.inputs.shape == [4, 1])
    }
    #expect(try batch.train.inputs.shape == [5, 3, 1] && batch.test.targets.shape == [5, 4, 1])
    #expect(try tasks.batches(of: 5).batch(at: 2)?[0].attributes == tasks[10].attributes)
    #expect(try tasks[0].attributes != tasks[1].attributes)
    #expect(throws: LearningError.self) { try tasks[-1] }
    #expect(throws: LearningError.self) { try batch[5] }
    #expect(throws: LearningError.self) { try tasks.batches(of: 5).batch(at: Int.max) }
    #expect(throws: LearningError.self) { try tasks.batch(0) }
  }

  @Test("a sinusoid is amplitude · sin(x − phase) within torchmeta's ranges")
  func sinusoid() throws {
    let tasks = try Sinusoid(shots: 20, testShots: 5, seed: 1, dtype: .float64)
    var amplitudes: [Double] = []
    for index in 0..<200 {
      let task = try tasks[index]
      let amplitude = try #require(task.attributes["amplitude"])
      let phase = try #require(task.attributes["phase"])
      #expect(amplitude >= 0.1 && amplitude <= 5 && phase >= 0 && phase <= Double.pi)
      amplitudes.append(amplitude)
      let x = task.train.inputs
      #expect(try x.toDoubles().allSatisfy { abs($0) <= 5 })
      #expect(try largestDifference(sin(x - phase) * amplitude, task.train.targets) < 1e-12)
    }
    #expect(abs(amplitudes.reduce(0, +) / 200 - 2.55) < 0.4)
  }

  @Test("splits and seeds give different tasks")
  func splits() throws {
    let all = try MetaSplit.allCases.map { try Sinusoid(metaSplit: $0, seed: 0)[0].attributes }
    #expect(Set(all.compactMap { $0["amplitude"] }).count == 3)
    #expect(try Sinusoid(seed: 1)[0].attributes != Sinusoid(seed: 0)[0].attributes)
  }

  @Test("class tasks never share a sample, relabel their classes, and split the classes")
  func classes() throws {
    // Sample r of class c is [c, r].
    let rows = (0..<20).flatMap { c in (0..<8).flatMap { r in [Double(c), Double(r)] } }
    let x = try Tensor(rows, shape: [160, 2], dtype: .float32)
    let labels = try Tensor((0..<160).map { 100 + $0 / 8 }, shape: [160])
    var classes: [Set<Int>] = []
    for split in MetaSplit.allCases {
      let tasks = try ClassTasks(x, labels, ways: 3, shots: 2, testShots: 6, metaSplit: split, seed: 5)
      classes.append(Set(tasks.classes))
      var orders: Set<[Int]> = []
      for index in 0..<30 {
        let task = try tasks[index]
        #expect(try task.train.inputs.toDoubles() == tasks[index].train.inputs.toDoubles())
        let test = try #require(task.test)
        let samples = try (task.train.inputs.toDoubles() + test.inputs.toDoubles())
        let pairs = stride(from: 0, to: samples.count, by: 2).map { [samples[$0], samples[$0 + 1]] }
        #expect(Set(pairs).count == 24)
        let found = try task.train.targets.toInts() + test.targets.toInts()
        var classOf: [Int: Set<Int>] = [:]
        for (label, pair) in zip(found, pairs) { classOf[label, default: []].insert(100 + Int(pair[0])) }
        #expect(classOf.count == 3 && classOf.values.allSatisfy { $0.count == 1 })
        #expect(Set(classOf.values.flatMap { $0 }).isSubset(of: tasks.classes))
        orders.insert((0..<3).map { classOf[$0]?.first ?? -1 })
      }
      #expect(orders.count > (split == .train ? 20 : 5))
    }
    #expect(classes.map(\.count) == [12, 4, 4])
    #expect(classes[0].union(classes[1]).union(classes[2]).count == 20)
    #expect(throws: LearningError.self) {
      try ClassTasks(x, labels, ways: 3, shots: 4, testShots: 5)
    }
    #expect(throws: LearningError.self) {
      try ClassTasks(x, labels, ways: 5, shots: 1, testShots: 1, metaSplit: .test)
    }
  }

  @Test("tasks come from a closure; a limited number is gone through again")
  func closures() throws {
    var made: [Int] = []
    let tasks = Tasks(count: 3) { index in
      made.append(index)
      let x = try Tensor.full([2, 1], Double(index))
      return try Task(train: (x, x), test: (x, x))
    }
    #expect(try tasks.batches(of: 2).batch(at: 1)?.test.inputs.toDoubles() == [2, 2, 0, 0])
    #expect(made == [2, 0])
    #expect(throws: LearningError.self) { try tasks[3] }
    #expect(try tasks.batches(of: 2).prefix(1).batch(at: 1) == nil)
  }

  @Test("samples of different counts and empty batches are refused")
  func refusals() throws {
    #expect(throws: LearningError.self) { try Samples(Tensor.zeros([3, 1]), Tensor.zeros([2, 1])) }
    #expect(throws: LearningError.self) { try Batch([]) }
    let train = try Samples(Tensor.zeros([3, 1]), Tensor.zeros([3, 1]))
    let maml = try MAML(MetaLinear(1, 1))
    let error = #expect(throws: LearningError.self) {
      try maml.outerLoss(Batch([Task(train: train, test: nil)]))
    }
    #expect(error?.description.contains("no test (query) set") ?? false)
  }
}
