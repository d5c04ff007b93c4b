import Autograd

extension Ranks {
  /// Makes sure that a learner is the same on all ranks, before they train it together.
  ///
  /// - Throws: ``LearningError/ranksDiffer`` when it is not.
  static func check(_ learner: some Learner) throws {
    guard let ranks = current else { return }
    func compared(_ digest: Int64) -> [Int64] { [digest, ~digest] }
    let found = try Meeting(.learner, ranks).agree(comparing: 2, compared: compared) {
      try LearnerState(of: learner).digest
    }
    // The largest complement belongs to the least digest.
    guard found.largest[0] == ~found.largest[1] else { throw LearningError.ranksDiffer }
  }
}

extension LearnerState {
  /// A number that differs where states do.
  var digest: Int64 {
    get throws {
      var hash = UInt64(bitPattern: Int64(iteration))
      func take(_ word: UInt64) {
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
      }
      for (name, tensor) in tensors {
        for byte in name.utf8 { take(UInt64(byte)) }
        for size in tensor.shape { take(UInt64(size)) }
        switch tensor.dtype {
        case .float32: try tensor.array.withFloats { for number in $0 { take(UInt64(number.bitPattern)) } }
        case .float64: try tensor.array.withDoubles { for number in $0 { take(number.bitPattern) } }
        case .int64:
          try tensor.array.withInts { for number in $0 { take(UInt64(bitPattern: Int64(number))) } }
        }
      }
      return Int64(bitPattern: hash)
    }
  }
}
