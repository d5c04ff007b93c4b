import Autograd

extension Ranks {
  /// Makes sure that a learner is the same on all ranks, before they train it together.
  ///
  /// - Throws: ``LearningError/ranksDiffer`` when it is not.
  static func check(_ learner: some Learner) throws {
    guard let ranks = current else { return }
    let found = try Meeting(.learner, ranks).agree(comparing: 2, compared: \.words) {
      try LearnerState(of: learner).digest
    }
    guard Digest.areEqual(found.largest[...]) else { throw LearningError.ranksDiffer }
  }
}

extension LearnerState {
  fileprivate var digest: Digest {
    get throws {
      var digest = Digest()
      digest.take(iteration)
      for (name, tensor) in tensors {
        digest.take(name)
        for size in tensor.shape { digest.take(size) }
        switch tensor.dtype {
        case .float32:
          try tensor.array.withFloats { for number in $0 { digest.take(UInt64(number.bitPattern)) } }
        case .float64: try tensor.array.withDoubles { for number in $0 { digest.take(number.bitPattern) } }
        case .int64: try tensor.array.withInts { for number in $0 { digest.take(Int(number)) } }
        }
      }
      return digest
    }
  }
}
