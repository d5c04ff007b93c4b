import Autograd

extension Task {
  /// One task of the samples of several, in order. torchmeta's `ConcatTask`.
  ///
  /// - Throws: when there are none, when only some have a test set, or when their shapes differ.
  public static func concatenated(_ tasks: [Task]) throws -> Task {
    guard let first = tasks.first else {
      throw LearningError.argument(type: "ConcatTask", reason: "there are no tasks")
    }
    guard tasks.allSatisfy({ ($0.test == nil) == (first.test == nil) }) else {
      throw LearningError.argument(
        type: "ConcatTask", reason: "some tasks have a test set and some have none")
    }
    func joined(_ samples: [Samples]) throws -> Samples {
      try Samples(concat(samples.map(\.inputs)), concat(samples.map(\.targets)))
    }
    let tests = tasks.compactMap(\.test)
    return Task(train: try joined(tasks.map(\.train)), test: tests.isEmpty ? nil : try joined(tests))
  }

  /// The task of some of the samples, by their places in the sets; nil takes a whole set. torchmeta's `SubsetTask`.
  public func subset(train trainPlaces: [Int]? = nil, test testPlaces: [Int]? = nil) throws -> Task {
    func part(_ samples: Samples, _ places: [Int]?, _ name: String) throws -> Samples {
      guard let places else { return samples }
      if let wrong = places.first(where: { !(0..<samples.count).contains($0) }) {
        throw LearningError.argument(
          type: "SubsetTask", reason: "the \(name) set has no sample \(wrong); they are 0..<\(samples.count)")
      }
      guard !places.isEmpty else {
        throw LearningError.argument(type: "SubsetTask", reason: "\(name) names no samples")
      }
      return try samples.rows(places)
    }
    if testPlaces != nil, test == nil { throw LearningError.noTestSet }
    return Task(
      train: try part(train, trainPlaces, "train"), test: try test.map { try part($0, testPlaces, "test") },
      attributes: attributes)
  }
}
