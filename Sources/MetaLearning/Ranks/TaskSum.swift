import ArrayCore
import Autograd

/// Sums over the tasks of a meta-batch, equal bit for bit however the tasks are grouped and whichever ranks compute them.
struct TaskSum {
  /// A tensor that is summed.
  struct Form {
    let shape: Shape
    let dtype: DType

    init(_ tensor: Tensor) {
      shape = tensor.shape
      dtype = tensor.dtype
    }
  }

  private let forms: [Form]
  /// How many tasks there are in all.
  private let count: Int
  /// What each group gave to each sum, with a first axis where it has several tasks; nil where it does not reach.
  private var terms: [[NDArray?]] = []

  /// The reductions of large models go on while later parts are made ready: so many words each.
  private static let bucket = 1 << 16
  /// Stands for a sum that no task reaches.
  private static let unreached = Int64.min

  init(_ forms: [Form], terms count: Int) {
    self.forms = forms
    self.count = count
  }

  /// Adds what a group of tasks gives, as a copy.
  ///
  /// - Parameter unreached: the sums to which it adds nothing.
  mutating func add(_ tensors: ArraySlice<Tensor>, except unreached: Set<Int>) throws {
    terms.append(
      try tensors.enumerated().map { place, tensor in
        guard !unreached.contains(place), place < forms.count else { return nil }
        let array = try tensor.array.cast(to: forms[place].dtype)
        return array.sharesMemory(with: tensor.array) ? try array.copied() : array
      })
  }

  /// How large the terms of each sum are, and whether all are finite: what decides the units in which ranks add.
  var magnitudes: [Int64] {
    get throws {
      var exponents = [Int64](repeating: Self.unreached, count: forms.count)
      var hasSpecials: Int64 = 0
      for group in terms {
        for (place, array) in group.enumerated() {
          guard let array else { continue }
          let own = try FixedPoint.magnitude(of: array)
          exponents[place] = max(exponents[place], Int64(own.exponent))
          if !own.isFinite { hasSpecials = 1 }
        }
      }
      return exponents + [hasSpecials]
    }
  }

  struct Joined {
    let sums: [Tensor]
    /// Sums that no task reaches; zeros.
    let unreached: Set<Int>
  }

  /// The sums over the tasks of all ranks.
  ///
  /// - Parameters:
  ///   - largest: ``magnitudes``, the largest of all ranks.
  ///   - ranks: nil for a process on its own.
  func joined(largest: [Int64], with ranks: (any Communicator)?) throws -> Joined {
    var none: [Int64] = []
    return try joined(largest: largest, with: ranks, beside: &none)
  }

  /// The sums over the tasks of all ranks, and words that are summed along with them.
  func joined(
    largest: [Int64], with ranks: (any Communicator)?, beside words: inout [Int64]
  ) throws -> Joined {
    let numbers = forms.indices.map {
      FixedPoint(
        forms[$0].dtype, exponent: max(FixedPoint.Magnitude.zero, Int(largest[$0])), terms: count)
    }
    let reached = forms.indices.filter { largest[$0] != Self.unreached }
    let elements = forms.map(\.shape.elementCount)
    var starts: [Int: Int] = [:]
    var total = words.count
    for place in reached {
      starts[place] = total
      total += numbers[place].wordCount(elements[place])
    }
    let memory = UnsafeMutableBufferPointer<Int64>.allocate(capacity: total)
    memory.initialize(repeating: 0)
    for (index, word) in words.enumerated() { memory[index] = word }
    // What was begun must not lose its memory.
    var requests: [(request: any ReductionRequest, end: Int)] = []
    defer {
      for (request, _) in requests { try? request.wait() }
      memory.deallocate()
    }
    func address(_ place: Int) -> UnsafeMutablePointer<Int64>? {
      memory.baseAddress.map { $0 + starts[place, default: 0] }
    }
    var begun = 0
    func begin(until end: Int) throws {
      guard let ranks, end > begun else { return }
      let part = UnsafeMutableBufferPointer(rebasing: memory[begun..<end])
      requests.append((try ranks.begin(part, .sum), end))
      begun = end
    }
    for place in reached {
      guard let address = address(place) else { continue }
      for group in terms {
        guard let array = group[place] else { continue }
        try numbers[place].add(array, to: address, elements: elements[place])
      }
      let end = starts[place, default: 0] + numbers[place].wordCount(elements[place])
      if end - begun >= Self.bucket { try begin(until: end) }
    }
    try begin(until: total)
    // Reductions end in their order: later ones go on while what has come becomes numbers.
    var arrived = 0
    func arrive(until end: Int) throws {
      while arrived < end, !requests.isEmpty {
        let next = requests.removeFirst()
        try next.request.wait()
        arrived = next.end
      }
    }
    let specials = largest[forms.count] > 0 ? try specials(reached, elements, ranks) : [:]
    let sums = try forms.indices.map { place in
      guard let words = starts[place] == nil ? nil : address(place) else {
        return try Tensor.zeros(forms[place].shape, dtype: forms[place].dtype)
      }
      let end = starts[place, default: 0] + numbers[place].wordCount(elements[place])
      try arrive(until: end)
      return Tensor(
        try specials[place].map { marks in
          try marks.withUnsafeBufferPointer {
            try numbers[place].sum(words, specials: $0.baseAddress, shape: forms[place].shape)
          }
        } ?? numbers[place].sum(words, shape: forms[place].shape))
    }
    try arrive(until: total)
    for index in words.indices { words[index] = memory[index] }
    return Joined(sums: sums, unreached: Set(forms.indices).subtracting(reached))
  }

  /// Where terms are NaN or infinite, of all ranks.
  private func specials(
    _ reached: [Int], _ elements: [Int], _ ranks: (any Communicator)?
  ) throws -> [Int: [Int64]] {
    var found: [Int: [Int64]] = [:]
    for place in reached {
      let number = FixedPoint(forms[place].dtype, exponent: 0, terms: count)
      var marks = [Int64](repeating: 0, count: elements[place])
      try marks.withUnsafeMutableBufferPointer { buffer in
        guard let address = buffer.baseAddress else { return }
        for group in terms {
          guard let array = group[place] else { continue }
          try number.noteSpecials(array, in: address, elements: elements[place])
        }
      }
      if let ranks {
        // A word for each kind: the largest of several kinds would hide the others.
        var kinds = [1, 2, 4].flatMap { kind in marks.map { $0 & kind } }
        try ranks.reduce(&kinds, .maximum)
        let count = marks.count
        for index in marks.indices {
          marks[index] = kinds[index] | kinds[count + index] | kinds[2 * count + index]
        }
      }
      found[place] = marks
    }
    return found
  }
}
