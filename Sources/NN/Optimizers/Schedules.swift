import Glibc

/// A learning rate as a function of the number of steps taken so far, 0 at the first step. It has no state: an optimizer
/// that goes on from a checkpoint goes on with the rates of an unbroken run.
public protocol Schedule: CustomStringConvertible {
  func callAsFunction(_ iteration: Int) throws -> Double
}

extension LearningRate {
  public init(_ schedule: some Schedule) { self = .schedule { try schedule($0) } }
}

/// Half a cosine from one rate to another, which then stays:
///
/// lr(n) = to + (from − to) / 2 · (1 + cos(π · min(n, over) / over))
///
/// Loshchilov and Hutter 2017, without restarts; PyTorch's `CosineAnnealingLR` up to `over`.
public struct CosineSchedule: Schedule, Sendable {
  public let from: Double
  public let to: Double
  public let over: Int

  public init(from: Double, to: Double = 0, over: Int) throws {
    try requireSetting(from, "from", in: 0..<(.infinity), of: "CosineSchedule")
    try requireSetting(to, "to", in: 0..<(.infinity), of: "CosineSchedule")
    try requireSize(over, "over", of: "CosineSchedule")
    self.from = from
    self.to = to
    self.over = over
  }

  public func callAsFunction(_ iteration: Int) -> Double {
    // The ends are exact.
    if iteration >= over { return to }
    return to + (from - to) / 2 * (1 + cos(.pi * Double(iteration) / Double(over)))
  }

  public var description: String { "CosineSchedule(from: \(from), to: \(to), over: \(over))" }
}

/// A rate that is multiplied by a factor after each so many steps:
///
/// lr(n) = from · factor^⌊n / every⌋
///
/// PyTorch's `StepLR`, with its default factor.
public struct StepSchedule: Schedule, Sendable {
  public let from: Double
  public let factor: Double
  public let every: Int

  public init(from: Double, factor: Double = 0.1, every: Int) throws {
    try requireSetting(from, "from", in: 0..<(.infinity), of: "StepSchedule")
    try requireSetting(factor, "factor", in: 0..<(.infinity), of: "StepSchedule")
    try requireSize(every, "every", of: "StepSchedule")
    self.from = from
    self.factor = factor
    self.every = every
  }

  public func callAsFunction(_ iteration: Int) -> Double { from * pow(factor, Double(iteration / every)) }

  public var description: String { "StepSchedule(from: \(from), factor: \(factor), every: \(every))" }
}

/// A rate that grows in equal steps to where another begins:
///
/// lr(n) = (n + 1) / over · then(0) for n < over, then(n − over) afterwards
///
/// Goyal et al. 2017.
public struct LinearWarmUp: Schedule {
  public let over: Int
  public let then: LearningRate

  public init(over: Int, then: LearningRate) throws {
    if case .constant(let rate) = then {
      try requireSetting(rate, "then", in: 0..<(.infinity), of: "LinearWarmUp")
    }
    try requireSize(over, "over", of: "LinearWarmUp")
    self.over = over
    self.then = then
  }

  public func callAsFunction(_ iteration: Int) throws -> Double {
    guard iteration < over else { return try then(iteration - over) }
    return try Double(iteration + 1) / Double(over) * then(0)
  }

  public var description: String { "LinearWarmUp(over: \(over), then: \(then))" }
}

extension LearningRate: CustomStringConvertible {
  public var description: String {
    switch self {
    case .constant(let rate): "\(rate)"
    case .schedule: "a schedule"
    }
  }
}
