/// Numbers of tasks as words that ranks add: each rank fills in its own tasks and leaves the others 0.
extension OuterNumbers {
  /// Stands for an accuracy that a task does not have: no number has these bits.
  private static let absent = Int64.max

  /// A row of `count` tasks for each kind of number.
  func words(first: Int, of count: Int) -> [Int64] {
    let rows: [[Double]?] = [outerLosses] + innerLosses + [accuraciesBefore, accuraciesAfter]
    return rows.flatMap { row in
      taskWords(
        row
          ?? Array(repeating: Double(bitPattern: UInt64(bitPattern: Self.absent)), count: outerLosses.count),
        first: first, of: count)
    }
  }

  /// The numbers of all tasks.
  init(words: [Int64], of count: Int, steps: Int) {
    self.init(steps: steps)
    func row(_ number: Int) -> [Double] { numbers(of: words[number * count..<(number + 1) * count]) }
    func present(_ number: Int) -> [Double]? {
      words[number * count..<(number + 1) * count].contains(Self.absent) ? nil : row(number)
    }
    outerLosses = row(0)
    innerLosses = (0..<steps).map { row(1 + $0) }
    accuraciesBefore = present(1 + steps)
    accuraciesAfter = present(2 + steps)
  }
}

/// The bits of this rank's numbers, at their places among those of `count` tasks.
func taskWords(_ numbers: [Double], first: Int, of count: Int) -> [Int64] {
  let own = words(of: numbers)
  return Array(repeating: 0, count: first) + own + Array(repeating: 0, count: count - first - own.count)
}

/// Numbers bit by bit, as ranks hand them on.
func words(of numbers: some Sequence<Double>) -> [Int64] {
  numbers.map { Int64(bitPattern: $0.bitPattern) }
}

/// The numbers of such words.
func numbers(of words: some Sequence<Int64>) -> [Double] {
  words.map { Double(bitPattern: UInt64(bitPattern: $0)) }
}
