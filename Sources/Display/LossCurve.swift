/// The losses of a training run of any length in bounded memory: means over stretches of equal length, which doubles
/// whenever there are too many. What it holds depends on the losses only, not on when they came.
package struct LossCurve {
  private struct Stretch {
    var firstIteration: Int
    var lastIteration: Int
    var sum: Double
    var finiteCount: Int
  }

  private static let capacity = 512
  private var stretches: [Stretch] = []
  private var countInLast = 0
  /// How many losses one point of the curve is the mean of.
  package private(set) var stretchLength = 1
  package private(set) var last: Double = .nan

  package init() {}

  package mutating func append(iteration: Int, loss: Double) {
    last = loss
    let (sum, finite) = loss.isFinite ? (loss, 1) : (0, 0)
    if countInLast > 0 && countInLast < stretchLength {
      let place = stretches.count - 1
      stretches[place].lastIteration = iteration
      stretches[place].sum += sum
      stretches[place].finiteCount += finite
      countInLast += 1
      return
    }
    if stretches.count == Self.capacity { halve() }
    stretches.append(
      Stretch(firstIteration: iteration, lastIteration: iteration, sum: sum, finiteCount: finite))
    countInLast = 1
  }

  private mutating func halve() {
    for place in 0..<(Self.capacity / 2) {
      var joined = stretches[2 * place]
      let next = stretches[2 * place + 1]
      joined.lastIteration = next.lastIteration
      joined.sum += next.sum
      joined.finiteCount += next.finiteCount
      stretches[place] = joined
    }
    stretches.removeLast(stretches.count - Self.capacity / 2)
    stretchLength *= 2
  }

  package var isEmpty: Bool { stretches.isEmpty }

  /// The curve as a series over the middle of each stretch; NaN where no loss of a stretch was finite.
  package var series: Plot.Series {
    Plot.Series(
      "",
      x: stretches.map { (Double($0.firstIteration) + Double($0.lastIteration)) / 2 },
      y: stretches.map { $0.finiteCount == 0 ? .nan : $0.sum / Double($0.finiteCount) })
  }
}
