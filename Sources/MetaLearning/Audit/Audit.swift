import ArrayCore
import NN
import OrderedCollections

/// What a look at a learner and its tasks has found that makes its numbers look better than they are: samples that are
/// adapted to and measured on, classes or tasks that are trained and tested on, statistics of the query set, one seed for
/// what should differ.
///
/// Samples are told apart by their numbers. A set is looked at in some of its tasks and, for ``ClassTasks``, in its
/// classes; nothing is trained.
public struct Audit {
  /// What kind of leak.
  public enum Kind: String, Sendable, CaseIterable {
    /// A sample in the train (support) and the test (query) set of a task.
    case sharedSamples = "shared-samples"
    /// Equal samples at several places of one data set.
    case duplicateSamples = "duplicate-samples"
    /// A class in two sets that should have others.
    case sharedClasses = "shared-classes"
    /// A task, or samples of tasks, in two sets that should have others.
    case sharedTasks = "shared-tasks"
    /// Two sets, or two layers, that are equal because one seed made both.
    case repeatedSeed = "repeated-seed"
    /// Batch normalisation by the statistics of the whole test (query) set.
    case batchStatistics = "batch-statistics"
  }

  /// One leak, and what it comes from.
  public struct Finding {
    public let kind: Kind
    public let message: String
    /// What to do about it.
    public let hint: String
    /// The task set or the module that it comes from.
    public let subject: AnyObject
    /// The other one, where two do not go together; `otherName` is what it is called.
    public var other: (object: AnyObject, name: String)?
  }

  /// What is looked at.
  public struct Limits: Sendable {
    /// Tasks of each set.
    public var tasks = 20
    /// Samples of the classes of each set, and their numbers.
    var samples = 4000
    var numbers = 20_000_000

    public init() {}
  }

  public internal(set) var findings: [Finding] = []
  /// What has been looked at, a phrase each.
  public internal(set) var looked: [String] = []

  /// - Parameters:
  ///   - model: nil looks at no model.
  ///   - keepsStatistics: whether the learner normalises by statistics of its own.
  ///   - sets: task sets by what they are for, which should have nothing in common.
  ///   - limits: how much of each set is looked at.
  ///   - progress: called now and then; what it throws ends the work.
  /// - Throws: when a task cannot be made.
  public init(
    model: Module? = nil, keepsStatistics: Bool = false, sets: OrderedDictionary<String, Tasks> = [:],
    limits: Limits = Limits(), progress: () throws -> Void = {}
  ) throws {
    if let model { lookAt(model, keepsStatistics: keepsStatistics) }
    let seen = try sets.map { name, tasks in
      try SeenTasks(tasks, name: name, limits: limits, progress: progress)
    }
    for set in seen { lookAt(set) }
    for (place, first) in seen.enumerated() {
      for second in seen.dropFirst(place + 1) { compare(first, second) }
    }
  }

  /// The same of domains: samples of one in another, and of those trained on in those held out.
  public init(
    model: Module? = nil, domains: OrderedDictionary<String, Domains>, limits: Limits = Limits(),
    progress: () throws -> Void = {}
  ) throws {
    if let model { lookAt(model, keepsStatistics: false) }
    try lookAt(domains, limits: limits, progress: progress)
  }

  /// The same of a learner's model, which keeps statistics of its own or not.
  public init(
    of learner: some Learner, sets: OrderedDictionary<String, Tasks> = [:], limits: Limits = Limits(),
    progress: () throws -> Void = {}
  ) throws {
    try self.init(
      model: learner.model, keepsStatistics: (learner as? EpisodicLearner)?.keepsStatistics ?? false,
      sets: sets, limits: limits, progress: progress)
  }

  mutating func add(
    _ kind: Kind, _ message: String, hint: String, of subject: AnyObject,
    other: (object: AnyObject, name: String)? = nil
  ) {
    findings.append(Finding(kind: kind, message: message, hint: hint, subject: subject, other: other))
  }
}

/// The numbers of a sample or of a whole set in a few, equal for equal ones. Different ones are taken for equal once in
/// 2¹²⁸.
struct SampleDigest: Hashable {
  private var first: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var second: UInt64 = 0xC2B2_AE3D_27D4_EB4F

  init() {}

  mutating func combine(_ number: Double) {
    // Both zeros are equal.
    let bits = (number == 0 ? 0 : number).bitPattern
    first = Self.mixed(first ^ bits)
    second = Self.mixed(second &+ bits &* 0xFF51_AFD7_ED55_8CCD)
  }

  /// The finaliser of SplitMix64.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}

extension Samples {
  /// One for each sample: of its inputs, and of its target too unless that is a label.
  func digests() throws -> [SampleDigest] {
    guard count > 0 else { return [] }
    var all = Array(repeating: SampleDigest(), count: count)
    for part in hasLabels ? [inputs] : [inputs, targets] {
      let numbers = try part.toDoubles()
      let size = numbers.count / count
      for place in 0..<count {
        for number in numbers[place * size..<(place + 1) * size] { all[place].combine(number) }
      }
    }
    return all
  }
}
