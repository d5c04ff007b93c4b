import ArrayCore
import Autograd
import Glibc
import MetaLearning
import NN
import Synchronization
import TestSupport
import Testing

/// The threads of this process by their ids.
private func threads() -> Set<String> {
  var names: Set<String> = []
  guard let folder = opendir("/proc/self/task") else { return names }
  defer { closedir(folder) }
  while let entry = readdir(folder) {
    names.insert(
      withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }
  return names
}

/// The calling thread's id.
private func currentThread() -> String {
  var bytes = [CChar](repeating: 0, count: 64)
  let count = readlink("/proc/thread-self", &bytes, bytes.count)
  let path = String(decoding: bytes.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return path.split(separator: "/").last.map(String.init) ?? ""
}

/// What a source was asked for, and on which threads.
private final class Log: Sendable {
  private let entries = Mutex<[(index: Int, thread: String)]>([])

  func add(_ index: Int) { entries.withLock { $0.append((index, currentThread())) } }
  var indices: [Int] { entries.withLock { $0.map(\.index) } }
  /// The threads other than the one that asks.
  var others: Set<String> { entries.withLock { Set($0.map(\.thread)) }.subtracting([currentThread()]) }
}

/// Whether something becomes true within some seconds.
private func eventually(_ condition: () -> Bool) -> Bool {
  let end = ContinuousClock.now + .seconds(20)
  while !condition() {
    guard ContinuousClock.now < end else { return false }
    usleep(1000)
  }
  return true
}

private struct Broken: Error, Equatable { let index: Int }

/// A task that takes long enough to be made ahead.
private func task(_ index: Int) throws -> Task {
  usleep(1000)
  let x = try Tensor.randn([3, 1], seed: UInt64(index))
  return try Task(train: (x, sin(x)), test: (x, sin(x)))
}

private func learner() throws -> MAML {
  try MAML(modelMLPSinusoid(hiddenSizes: [6]), optimizer: Adam(lr: 0.01), stepSize: 0.01)
}

@Suite("Batches made in the background", .serialized)
struct PrefetchTests {
  @Test("are those made in place, in any order they are asked for")
  func order() throws {
    let batches = Tasks.concurrent(task).batches(of: 2)
    let ahead = batches.prefetched(until: 1000)
    for index in Array(0..<30) + [7, 7, 8, 9, 40, 2, 3, 4, 5, 6] {
      let (expected, made) = (
        try #require(try batches.batch(at: index)), try #require(try ahead.batch(at: index))
      )
      #expect(try expected.train.inputs.toDoubles() == made.train.inputs.toDoubles())
      #expect(try expected.test.targets.toDoubles() == made.test.targets.toDoubles())
    }
  }

  @Test("come from another thread, a few ahead, none beyond the end, each once")
  func bounds() throws {
    let log = Log()
    let ahead = Tasks.concurrent { index in
      log.add(index)
      return try task(index)
    }.batches(of: 1).prefetched(until: 20)
    try ProcessorUse.$assumedLow.withValue(true) {
      _ = try ahead.batch(at: 0)
      #expect(log.indices == [0] && log.others.isEmpty)
      for index in 1...3 { _ = try ahead.batch(at: index) }
      // The four that lie ready, one that has been taken, and none more.
      #expect(eventually { log.indices.count >= 7 } && log.indices.count <= 9 && !log.others.isEmpty)
      for index in 4..<20 { _ = try ahead.batch(at: index) }
      #expect(log.indices.sorted() == Array(0..<20))
    }
  }

  @Test("of a source that is not thread-safe are made where they are asked for")
  func unsafe() throws {
    let log = Log()
    let tasks = Tasks { index in
      log.add(index)
      return try task(index)
    }
    try learner().train(tasks.batches(of: 1), maxBatches: 6)
    #expect(log.indices == Array(0..<6) && log.others.isEmpty)
  }

  @Test("of tasks that take no time are made where they are asked for")
  func cheap() throws {
    let log = Log()
    let constant = try task(0)
    let tasks = Tasks.concurrent { index in
      log.add(index)
      return constant
    }
    try learner().train(tasks.batches(of: 1), maxBatches: 20)
    #expect(log.indices == Array(0..<20) && log.others.isEmpty)
  }

  @Test("have their errors at their places, and can be asked for again")
  func errors() throws {
    let mended = Mended()
    let ahead = Tasks.concurrent { index in
      if index == 5, !mended.value { throw Broken(index: index) }
      return try task(index)
    }.batches(of: 1).prefetched(until: 10)
    for index in 0..<5 { #expect(try ahead.batch(at: index) != nil) }
    #expect(throws: Broken(index: 5)) { try ahead.batch(at: 5) }
    #expect(throws: Broken(index: 5)) { try ahead.batch(at: 5) }
    mended.value = true
    for index in 5..<9 { #expect(try ahead.batch(at: index) != nil) }
  }

  @Test("end a training at the batch that fails, with the steps before it done")
  func failure() throws {
    let tasks = Tasks.concurrent { index in
      if index == 14 { throw Broken(index: index) }
      return try task(index)
    }
    let maml = try learner()
    #expect(throws: Broken(index: 14)) { try maml.train(tasks.batches(of: 2), maxBatches: 100) }
    #expect(maml.iteration == 7 && maml.history.count == 7)
  }

  @Test("end where the source ends")
  func end() throws {
    let maml = try learner()
    try maml.train(Sinusoid(shots: 3, seed: 1).batches(of: 2).prefix(9), maxBatches: 100)
    #expect(maml.iteration == 9)
  }

  @Test("leave no thread behind: at the end, at an error, and when a loop is left early")
  func threadsEnd() throws {
    let log = Log()
    let slow = Tasks.concurrent { index in
      log.add(index)
      usleep(2000)
      if index == 50 { throw Broken(index: index) }
      return try task(index)
    }
    func expectNoneLeft(_ location: SourceLocation = #_sourceLocation) {
      #expect(!log.others.isEmpty && log.others.isDisjoint(with: threads()), sourceLocation: location)
    }
    try ProcessorUse.$assumedLow.withValue(true) {
      try learner().train(slow.batches(of: 1), maxBatches: 8)
      expectNoneLeft()
      _ = try? learner().train(slow.batches(of: 1), maxBatches: 100)
      expectNoneLeft()
      do {
        let steps = try learner().trainIter(slow.batches(of: 1), maxBatches: 1000)
        for _ in 0..<3 { _ = try steps.next() }
      }
      expectNoneLeft()
    }
  }

  @Test("train with the same bits as batches made in place")
  func bits() throws {
    func parameters(_ source: any BatchSource) throws -> [[Double]] {
      let maml = try learner()
      try maml.train(source, maxBatches: 25)
      return try [maml.history.losses] + maml.learnedParameters.values.map { try $0.tensor.toDoubles() }
    }
    let batches = Tasks.concurrent(task).batches(of: 2)
    #expect(try parameters(batches) == parameters(GeneratedBatches { try batches.batch(at: $0) }))
  }

  @Test("of domains are the same minibatches, also of learners that draw domains")
  func domains() throws {
    let sets = try (0..<3).map { place in
      (
        "\(place)",
        try Samples(Tensor.randn([10, 2], seed: UInt64(place)), Tensor(Array(0..<10), shape: [10]))
      )
    }
    func make() throws -> Domains { try Domains(.init(uniqueKeysWithValues: sets), batchSize: 30, seed: 9) }
    let (plain, ahead) = (try make(), try make().prefetched(until: 100))
    for iteration in Array(0..<20) + [3, 50, 51] {
      let (expected, made) = (try plain.minibatch(at: iteration), try ahead.minibatch(at: iteration))
      #expect(try expected.map { try $0.inputs.toDoubles() } == made.map { try $0.inputs.toDoubles() })
      #expect(try expected.map { try $0.targets.toInts() } == made.map { try $0.targets.toInts() })
    }
    #expect(ahead.names == plain.names && ahead.count == 3)
  }

  @Test("are waited for by a counter: long when they are slow, hardly when they are there")
  func waiting() throws {
    let maml = try learner()
    let slow = Tasks.concurrent { index in
      usleep(20_000)
      return try task(index)
    }
    try maml.train(slow.batches(of: 1), maxBatches: 6)
    #expect(maml.secondsWaited > 0.05)
    let quick = try learner()
    try quick.train(Sinusoid(shots: 3, seed: 1).batches(of: 2), maxBatches: 6) { _ in usleep(20_000) }
    #expect(quick.secondsWaited < 0.05)
  }
}

private final class Mended: Sendable {
  private let flag = Atomic<Bool>(false)
  var value: Bool {
    get { flag.load(ordering: .sequentiallyConsistent) }
    set { flag.store(newValue, ordering: .sequentiallyConsistent) }
  }
}
