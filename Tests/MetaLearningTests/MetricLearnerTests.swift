import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("Metric learners")
struct MetricLearnerTests {
  private func random(_ shape: Shape, _ stream: UInt64) throws -> Tensor {
    try Tensor(NDArray.normal(shape, key: RandomKey(seed: 3, stream: stream), .float64))
  }

  private func labels(_ numbers: [Int]) throws -> Tensor { try Tensor(numbers) }

  /// Classes are noisy clusters; samples have 6 numbers, of which 2 tell.
  private func task(_ number: UInt64) throws -> Task {
    let centres = try random([3, 2], 100 + number)
    func samples(_ count: Int, _ stream: UInt64) throws -> (Tensor, Tensor) {
      let labels = try Tensor((0..<3 * count).map { $0 % 3 })
      let told = try takeRows(centres, labels) + random([3 * count, 2], stream) * 0.3
      return (try concat([told, random([3 * count, 4], stream + 1) * 2], axis: 1), labels)
    }
    return try Task(train: samples(2, 10 * number), test: samples(4, 10 * number + 5))
  }

  private func batch(_ count: Int, from first: Int = 0) throws -> Batch {
    try Batch((first..<first + count).map { try task(UInt64($0)) })
  }

  @Test("prototypes are the classes' means; a class without samples has zeros")
  func means() throws {
    let embeddings = try Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])
    #expect(try isClose(prototypes(embeddings, labels([0, 2, 0]), numClasses: 3), [3, 4, 0, 0, 3, 4]))
    let far = try prototypicalLoss(
      Tensor([0, 0, 3, 4], shape: [2, 2], dtype: .float64), Tensor([0, 0], shape: [1, 2], dtype: .float64),
      labels([1]))
    #expect(try isClose(far, [25], 1e-9))
  }

  @Test("attention to the classes follows the cosine and sums to one")
  func attention() throws {
    let embeddings = try Tensor([1, 0, 0, 2, -1, 0], shape: [3, 2], dtype: .float64)
    let queries = try Tensor([3, 0, 0, 0], shape: [2, 2], dtype: .float64)
    #expect(try isClose(pairwiseCosineSimilarity(queries, embeddings), [1, 0, -1, 0, 0, 0]))
    let probas = try matchingProbas(embeddings, labels([0, 1, 1]), queries, numClasses: 2)
    let e = 2.718281828459045
    let first = e / (e + 1 + 1 / e)
    #expect(try isClose(probas, [first, 1 - first, 1.0 / 3, 2.0 / 3]))
    let loss = try matchingLoss(embeddings, labels([0, 1, 1]), queries, labels([0, 1]), numClasses: 2)
    let expected = try -(log(Tensor([first, 2.0 / 3], shape: [2], dtype: .float64))).mean().item()
    #expect(try isClose(loss, [expected]))
  }

  @Test("derivatives of first and second order agree with differences")
  func derivatives() throws {
    let known = try labels([0, 1, 0, 2])
    try checkGradient(at: [random([4, 3], 1), random([5, 3], 2)]) { values in
      try prototypicalLoss(prototypes(values[0], known, numClasses: 3), values[1], labels([0, 1, 2, 0, 1]))
    }
    try checkGradient(at: [random([4, 3], 1), random([5, 3], 2)]) { values in
      try matchingLoss(values[0], known, values[1], labels([0, 1, 2, 0, 1]), numClasses: 3)
    }
  }

  @Test(
    "they learn to tell classes apart, the same way with tasks together and one by one",
    arguments: [true, false])
  func learning(isPrototypical: Bool) throws {
    let kind: MetricLearner.Type = isPrototypical ? PrototypicalNetworks.self : MatchingNetworks.self
    let results = try [(Strategy.automatic, 3), (.looped, 3), (.batched, nil)].map {
      strategy, ways -> [Double] in
      let model = try Sequential([Linear(6, 16, seed: 1), ReLU(), Linear(16, 8, seed: 2)]).to(.float64)
      let learner = try kind.init(model, optimizer: Adam(lr: 0.01), ways: ways)
      learner.strategy = strategy
      let tests = try [batch(20, from: 1000)]
      let before = try learner.evaluate(tests)
      try learner.train((0..<100).map { try batch(4, from: 4 * $0) }, maxBatches: 100)
      let after = try learner.evaluate(tests)
      #expect(try #require(after.accuracies?[0]) > #require(before.accuracies?[0]) + 0.05)
      #expect(after.losses[0] < before.losses[0])
      return learner.history.losses
    }
    for other in results.dropFirst() { #expect(largestDifference(results[0], other) < 1e-9) }
  }

  @Test("targets that are no labels are refused")
  func regression() throws {
    let learner = try PrototypicalNetworks(Linear(1, 4), optimizer: SGD(lr: 0.1))
    #expect(throws: LearningError.self) { try learner.outerLoss(Batch([Sinusoid()[0]])) }
  }
}
