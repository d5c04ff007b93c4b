import NN

/// Where a learner has been in its training: a few of its states, and what it was trained on in between, from which any
/// other state can be computed again.
///
/// States lie at multiples of a distance, which doubles when there are too many. Tensors never change, so that a state
/// costs the memory of its numbers and no time.
struct Trail {
  private(set) var states: [LearnerState] = []
  private var spacing = 1
  /// The sources that can be asked again for the batch of an iteration, from their first iteration on; nil for others.
  private var stretches: [(first: Int, source: (any RepeatableSource)?)] = []

  private static let stateLimit = 32
  private static let byteLimit = 64 << 20
  private static let stretchLimit = 256

  /// Notes that a learner is about to do its next step.
  ///
  /// - Parameter source: what it is trained on from here on, where that begins.
  mutating func note<L: Learner>(_ learner: L, beginning source: L.Source?) throws {
    let iteration = learner.iteration
    if let source {
      if stretches.last?.first == iteration { stretches.removeLast() }
      stretches.append((iteration, source as? any RepeatableSource))
      if stretches.count > Self.stretchLimit { stretches.removeFirst() }
      // Between two trainings a program may have changed the model.
      if states.last?.iteration == iteration { states.removeLast() }
    }
    guard states.isEmpty || iteration.isMultiple(of: spacing), states.last?.iteration != iteration else {
      return
    }
    let state = try LearnerState(of: learner)
    let limit = min(Self.stateLimit, Self.byteLimit / max(1, state.bytes))
    guard limit > 0 else { return }
    states.append(state)
    while states.count > limit {
      spacing *= 2
      states = states.enumerated().filter { $0.offset == 0 || $0.element.iteration.isMultiple(of: spacing) }
        .map(\.element)
    }
  }

  /// The last state at an iteration or before it.
  func state(upTo iteration: Int) -> LearnerState? { states.last { $0.iteration <= iteration } }

  /// What the step of an iteration was done with, and where the next source follows.
  func stretch(at iteration: Int) -> (source: any RepeatableSource, end: Int?)? {
    guard let place = stretches.lastIndex(where: { $0.first <= iteration }),
      let source = stretches[place].source
    else { return nil }
    return (source, place + 1 < stretches.count ? stretches[place + 1].first : nil)
  }
}

/// A source that gives the same batch whenever it is asked for an iteration's, and costs little to keep.
protocol RepeatableSource {}

extension Batches: RepeatableSource {}
extension Domains: RepeatableSource {}
