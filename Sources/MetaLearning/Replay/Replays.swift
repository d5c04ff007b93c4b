import ArrayCore
import Autograd
import Synchronization

/// Does the same computation on one group of tensors after another, step after step. The first time shapes come, it is
/// computed as it stands; when they come again it is captured, and from then on replayed, several groups at once on the
/// pool's threads. The results are equal bit for bit either way.
///
/// `Notes` is what the computation tells besides tensors: the same for equal shapes.
final class Replays<Notes> {
  /// What a computation gives for one group.
  struct Results {
    let tensors: [Tensor]
    let notes: Notes
  }

  /// The shapes, types and task axes of a group's tensors: what decides which kernels run.
  private struct Signature: Hashable {
    struct Part: Hashable {
      let shape: Shape
      let dtype: DType
      let hasTasks: Bool
    }
    let parts: [Part]

    init(_ tensors: [Tensor]) {
      parts = tensors.map { Part(shape: $0.array.shape, dtype: $0.dtype, hasTasks: $0.hasTasks) }
    }
  }

  /// A captured group, with what is not in its arrays.
  private struct Recorded {
    let capture: Capture
    let hasTasks: [Bool]
    let notes: Notes

    var results: Results {
      Results(tensors: zip(capture.outputs, hasTasks).map { Tensor($0, hasTasks: $1) }, notes: notes)
    }
  }

  /// The captures of each signature: as many as can be at work at once.
  private var recorded: [Signature: [Recorded]] = [:]
  /// The signatures of the last step.
  private var known: Set<Signature> = []
  /// Signatures whose computation cannot be replayed.
  private var refused: Set<Signature> = []

  /// What the captured computations depend on besides their tensors.
  private var setting = AnyHashable(0)
  private let memoryLimit: Int

  /// So many signatures are kept; tasks of ever new shapes are computed as they stand.
  private static var signatureLimit: Int { 8 }
  /// Captures that hold more memory than this run one after the other, each with all threads inside its kernels.
  private static var sideBySideLimit: Int { 128 << 20 }

  /// - Parameter memoryLimit: captures that would keep more bytes are not kept.
  init(memoryLimit: Int = .max) { self.memoryLimit = memoryLimit }

  /// Computes `body` of each group. `consume` gets the results in the groups' order, and must copy what it keeps.
  ///
  /// - Parameters:
  ///   - setting: what `body` depends on besides its tensors; captures of another are given up.
  ///   - capturing: whether `body` depends on these alone, not on the group's place, and does nothing else.
  func run(
    _ groups: [[Tensor]], setting: some Hashable, capturing: Bool, _ body: (Int, [Tensor]) throws -> Results,
    consume: (Int, Results) throws -> Void
  ) throws {
    if AnyHashable(setting) != self.setting {
      removeAll()
      self.setting = AnyHashable(setting)
    }
    guard capturing, !Replay.isSuspended else {
      for (place, group) in groups.enumerated() { try consume(place, body(place, group)) }
      return
    }
    let signatures = groups.map(Signature.init)
    let counts = Dictionary(signatures.map { ($0, 1) }, uniquingKeysWith: +)
    var next = 0
    while next < groups.count {
      let signature = signatures[next]
      if isToBeCaptured(signature, count: counts[signature, default: 1]) {
        try consume(next, capture(next, groups[next], signature, body))
        next += 1
      } else if recorded[signature] == nil {
        try consume(next, body(next, groups[next]))
        next += 1
      } else {
        let ready = captures(for: signatures[next...])
        try replay(ready, groups[next..<next + ready.count])
        for one in ready {
          try consume(next, one.results)
          next += 1
        }
      }
    }
    known = Set(signatures)
  }

  /// Gives the memory of all captures back.
  func removeAll() {
    recorded = [:]
    known = []
    refused = []
  }

  /// Whether one more capture of a signature is of use, `count` groups of the step having it.
  private func isToBeCaptured(_ signature: Signature, count: Int) -> Bool {
    guard known.contains(signature), !refused.contains(signature) else { return false }
    guard let captures = recorded[signature], let first = captures.first else {
      return recorded.count < Self.signatureLimit
    }
    let isLarge = first.capture.memory > Self.sideBySideLimit
    return !isLarge && captures.count < min(count, ThreadPool.threadCount)
  }

  private func capture(
    _ place: Int, _ group: [Tensor], _ signature: Signature, _ body: (Int, [Tensor]) throws -> Results
  ) throws -> Results {
    // What computing it anew has left would stay beside the memory that the capture keeps.
    MemoryStatistics.releaseCache()
    var hasTasks: [Bool] = []
    var notes: Notes?
    let capture = try Capture(group.map(\.array)) { copies in
      let results = try body(place, zip(copies, group).map { Tensor($0, hasTasks: $1.hasTasks) })
      hasTasks = results.tensors.map(\.hasTasks)
      notes = results.notes
      return results.tensors.map(\.array)
    }
    guard let notes else { return try body(place, group) }
    let one = Recorded(capture: capture, hasTasks: hasTasks, notes: notes)
    if capture.isReplayable && capture.memory <= memoryLimit {
      recorded[signature, default: []].append(one)
    } else {
      refused.insert(signature)
    }
    return one.results
  }

  /// A capture for each of the next groups, as many as there are.
  private func captures(for signatures: ArraySlice<Signature>) -> [Recorded] {
    var taken: [Signature: Int] = [:]
    var ready: [Recorded] = []
    for signature in signatures.prefix(ThreadPool.threadCount) {
      let place = taken[signature, default: 0]
      guard let captures = recorded[signature], place < captures.count else { break }
      ready.append(captures[place])
      taken[signature] = place + 1
    }
    return ready
  }

  private func replay(_ ready: [Recorded], _ groups: ArraySlice<[Tensor]>) throws {
    let failures = Mutex<[(place: Int, error: TensorError)]>([])
    ThreadPool.run(units: ready.count) { place in
      do throws(TensorError) {
        try ready[place].capture.replay(groups[groups.startIndex + place].map(\.array))
      } catch {
        failures.withLock { $0.append((place, error)) }
      }
    }
    // The first in the order of the groups, whichever was met first.
    if let first = failures.withLock({ $0 }).min(by: { $0.place < $1.place }) { throw first.error }
  }
}
