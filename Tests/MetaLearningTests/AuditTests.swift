import Autograd
import MetaLearning
import NN
import Testing

@Suite("Looking for leaks")
struct AuditTests {
  private func kinds(_ audit: Audit) -> [Audit.Kind] { audit.findings.map(\.kind) }

  /// Three hundred samples of fifteen classes, none twice.
  private func data(_ seed: UInt64 = 1) throws -> (Tensor, Tensor) {
    (try Tensor.randn([300, 4], seed: seed), try Tensor((0..<300).map { $0 % 15 }, shape: [300]))
  }

  private func classes(
    _ data: (Tensor, Tensor), _ split: MetaSplit? = nil, seed: UInt64 = 0
  ) throws -> ClassTasks {
    try ClassTasks(data.0, data.1, ways: 2, shots: 1, testShots: 2, metaSplit: split, seed: seed)
  }

  @Test("clean sets have no leak: splits of curves and of classes, other seeds")
  func clean() throws {
    func check(_ train: Tasks, _ test: Tasks) throws {
      let audit = try Audit(sets: ["train": train, "test": test])
      #expect(kinds(audit) == [], "\(audit.findings.map(\.message))")
      #expect(audit.looked.count == 2)
    }
    for kind in [Sinusoid.self, Harmonic.self, SinusoidAndLine.self] as [Curves.Type] {
      try check(kind.init(), kind.init(metaSplit: .test))
      try check(kind.init(), kind.init(seed: 1))
    }
    let data = try data()
    try check(classes(data, .train), classes(data, .test))
    try check(classes(data, .val), classes(data, .test))
    // Other data may have the same labels.
    try check(classes(data), classes(self.data(2)))
    try check(
      ClassTasks(
        Tensor.randn([60, 1, 6, 6], seed: 4), Tensor((0..<60).map { $0 % 6 }, shape: [60]), ways: 2, shots: 1,
        testShots: 1, classAugmentations: [.rotation([90, 180, 270])]), Sinusoid())
  }

  @Test("a sample in both sets of a task")
  func samples() throws {
    let x = try Tensor.randn([6, 1], seed: 3)
    let tasks = Tasks { index in
      let y = try x * Double(index)
      let query = index == 4 ? 3..<6 : 4..<6
      func rows(_ range: Range<Int>, _ tensor: Tensor) throws -> Tensor {
        try concat(range.map { try tensor.at($0).unsqueeze(0) })
      }
      return try Task(train: (rows(0..<4, x), rows(0..<4, y)), test: (rows(query, x), rows(query, y)))
    }
    let audit = try Audit(sets: ["a": tasks])
    #expect(kinds(audit) == [.sharedSamples])
    let finding = try #require(audit.findings.first)
    #expect(ObjectIdentifier(finding.subject) == ObjectIdentifier(tasks))
    #expect(
      finding.message.contains("1 of 20 tasks")
        && finding.message.contains("task 4 support sample 3 is query sample 0"))
    // The same x with another y is another sample of regression.
    let other = Tasks { _ in try Task(train: (x, x), test: (x, x * 2)) }
    #expect(try kinds(Audit(sets: ["a": other])) == [])
  }

  @Test("samples that the data has more than once, of one class and of two")
  func duplicates() throws {
    let (x, y) = try data()
    let twice = try concat([x, x.at(0).unsqueeze(0)])
    let same = try classes((twice, Tensor((0..<300).map { $0 % 15 } + [0], shape: [301])))
    let audit = try Audit(sets: ["a": same])
    #expect(kinds(audit).contains(.duplicateSamples))
    #expect(audit.findings.last?.hint.contains("adapt to one of them") == true)
    let mixed = try Audit(sets: ["a": classes((twice, Tensor((0..<300).map { $0 % 15 } + [7], shape: [301])))]
    )
    #expect(mixed.findings.last?.kind == .duplicateSamples)
    #expect(mixed.findings.last?.hint.contains("two classes") == true)
    #expect(y.count == 300)
  }

  @Test("classes in two sets: of one data set by their labels, of copies by their samples")
  func sharedClasses() throws {
    let data = try data()
    let all = try Audit(sets: ["train": classes(data), "test": classes(data, .test)])
    #expect(kinds(all) == [.sharedClasses])
    #expect(all.findings[0].message.contains("3 of 3 classes"))
    // A split depends on the seed.
    let seeds = try Audit(sets: ["train": classes(data, .train), "test": classes(data, .test, seed: 5)])
    #expect(kinds(seeds) == [.sharedClasses])
    #expect(seeds.findings[0].hint.contains("the same seed, not 0 and 5"))
    // The same numbers in other memory.
    let copies = try Audit(sets: [
      "train": classes(data, .train), "test": classes(self.data(), .test, seed: 5),
    ])
    #expect(kinds(copies) == [.sharedClasses])
    #expect(copies.findings[0].message.contains("by samples that both have"))
    // Other samples of the same classes.
    let halves = try [0..<150, 150..<300].map { range in
      try classes(
        (
          data.0.slice(axis: 0, from: range.lowerBound, to: range.upperBound),
          data.1.slice(axis: 0, from: range.lowerBound, to: range.upperBound)
        ))
    }
    #expect(try kinds(Audit(sets: ["train": halves[0], "test": halves[1]])).contains(.sharedClasses))
  }

  @Test("a seed used twice, also behind other samples, and tasks in common")
  func tasks() throws {
    let train = try Sinusoid(shots: 5)
    let again = try Audit(sets: ["train": train, "test": Sinusoid(shots: 5)])
    #expect(kinds(again) == [.repeatedSeed])
    #expect(again.findings[0].other?.name == "train")
    #expect(try kinds(Audit(sets: ["train": train, "test": Sinusoid(shots: 10)])) == [.repeatedSeed])
    #expect(try kinds(Audit(sets: ["train": train, "test": train])) == [.sharedTasks])
    // In another order.
    let later = Tasks { try train[$0 + 7] }
    let ordered = try Audit(sets: ["train": train, "test": later])
    #expect(kinds(ordered) == [.sharedTasks] && ordered.findings[0].message.contains("13 tasks in common"))
    // Half of the samples.
    let parts = Tasks { index in
      let task = try train[index]
      return Task(train: try #require(task.test), test: task.train)
    }
    #expect(try kinds(Audit(sets: ["train": train, "test": parts])) == [.sharedTasks])
  }

  @Test("batch statistics of the query set, where nothing else is kept")
  func statistics() throws {
    func model(tracking: Bool = false) throws -> Module {
      try MetaSequential(
        MetaLinear(4, 6, seed: 1), MetaBatchNorm1d(6, trackRunningStats: tracking), ReLU(),
        MetaLinear(6, 3, seed: 2))
    }
    let network = try model()
    let audit = try Audit(of: MAML(network))
    #expect(kinds(audit) == [.batchStatistics])
    #expect(ObjectIdentifier(audit.findings[0].subject) == ObjectIdentifier(network.namedModules()[2].module))
    #expect(network.isTraining)
    #expect(try kinds(Audit(of: MAML(model(tracking: true)))) == [])
    #expect(try kinds(Audit(of: MAMLPlusPlus(model(), perStepStatistics: true))) == [])
    #expect(try kinds(Audit(of: MAMLPlusPlus(model()))) == [.batchStatistics])
    #expect(try kinds(Audit(of: MAML(modelMLPSinusoid(seed: 3)))) == [])
    #expect(
      try kinds(Audit(of: MAML(MetaConvModel(1, 5, hiddenSize: 4, featureSize: 4)))) == [.batchStatistics])
  }

  @Test("layers that one seed made alike")
  func layers() throws {
    let alike = try MetaSequential(MetaLinear(4, 4, seed: 1), ReLU(), MetaLinear(4, 4, seed: 1))
    let audit = try Audit(model: alike)
    #expect(kinds(audit) == [.repeatedSeed])
    #expect(audit.findings[0].message.hasPrefix("0 and 2"))
    #expect(
      try kinds(Audit(model: MetaSequential(MetaLinear(4, 4, seed: 1), MetaLinear(4, 4, seed: 2)))) == [])
    // A layer that is used twice is one layer.
    let shared = try MetaLinear(4, 4, seed: 1)
    #expect(try kinds(Audit(model: MetaSequential(shared, ReLU(), shared))) == [])
  }

  @Test("domains that share samples")
  func domains() throws {
    func samples(_ seed: UInt64) throws -> Samples {
      try Samples(Tensor.randn([12, 4], seed: seed), Tensor((0..<12).map { $0 % 3 }, shape: [12]))
    }
    let all = try Domains(["a": samples(1), "b": samples(2), "c": samples(3)])
    let (source, target) = try all.leavingOut("c")
    #expect(try kinds(Audit(domains: ["train": source, "test": target])) == [])
    let held = try Audit(domains: ["train": all, "test": target])
    #expect(kinds(held) == [.sharedSamples] && held.findings[0].message.contains("12 samples"))
    #expect(
      try kinds(Audit(domains: ["all": Domains(["a": samples(1), "b": samples(1)])])) == [.sharedSamples])
    let (first, rest) = try all.split(0.5)
    #expect(try kinds(Audit(domains: ["train": first, "val": rest])) == [])
  }
}
