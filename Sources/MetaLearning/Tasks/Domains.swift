import ArrayCore
import Autograd
import OrderedCollections
import Synchronization

/// The same problem in several surroundings, for learning that generalises to a new one.
///
/// Each iteration has a minibatch of every domain: its samples in a random order without repetition, in a new
/// order each time they are used up. Minibatch k depends on the seed, the domain's place and k alone.
public final class Domains {
  public let names: [String]
  /// Samples of each domain in a minibatch; nil for all.
  public let batchSize: Int?
  public let seed: UInt64
  private let samples: [Samples]
  /// The number of each domain in the set that it was first made in, so that leaving one out does not reorder
  /// the others' minibatches.
  private let streams: [Int]
  /// The last order made of each domain.
  private let orders: Mutex<[(epoch: Int, rows: [Int])?]>
  /// Makes minibatches ahead of their use.
  private let prefetcher: Prefetcher<[Samples]>?

  public convenience init(
    _ domains: OrderedDictionary<String, Samples>, batchSize: Int? = nil, seed: UInt64 = 0
  ) throws {
    try self.init(
      Array(domains.keys), Array(domains.values), Array(0..<domains.count), batchSize: batchSize, seed: seed)
  }

  /// Domains named by their place, each of which is one minibatch.
  public convenience init(_ domains: [Samples]) throws {
    try self.init(
      domains.indices.map(String.init), domains, Array(domains.indices), batchSize: nil, seed: 0)
  }

  private init(
    _ names: [String], _ samples: [Samples], _ streams: [Int], batchSize: Int?, seed: UInt64
  ) throws {
    guard !samples.isEmpty else { throw LearningError.argument(type: "Domains", reason: "there are none") }
    if let batchSize { try requireCount(batchSize, "batchSize", of: "Domains") }
    for (name, own) in zip(names, samples) where own.inputs.rank == 0 || own.count == 0 {
      throw LearningError.argument(type: "Domains", reason: "\"\(name)\" has no samples")
    }
    self.names = names
    self.samples = samples
    self.streams = streams
    self.batchSize = batchSize
    self.seed = seed
    orders = Mutex(Array(repeating: nil, count: names.count))
    prefetcher = nil
  }

  private init(_ domains: Domains, _ prefetcher: Prefetcher<[Samples]>) {
    names = domains.names
    samples = domains.samples
    streams = domains.streams
    batchSize = domains.batchSize
    seed = domains.seed
    orders = Mutex(Array(repeating: nil, count: domains.names.count))
    self.prefetcher = prefetcher
  }

  public var count: Int { names.count }

  /// The same domains with their samples in other random orders.
  public func reordered(seed: UInt64) throws -> Domains {
    try Domains(names, samples, streams, batchSize: batchSize, seed: seed)
  }

  public func index(of name: String) throws -> Int { try DomainReference.name(name).place(in: names) }

  /// All samples of a domain.
  public subscript(name: String) -> Samples {
    get throws { samples[try index(of: name)] }
  }

  public subscript(index: Int) -> Samples {
    get throws {
      guard samples.indices.contains(index) else {
        throw LearningError.domainOutOfRange(index: index, known: names)
      }
      return samples[index]
    }
  }

  /// The domains to train on and those kept for the test of generalisation.
  public func leavingOut(_ left: String...) throws -> (source: Domains, target: Domains) {
    try leavingOut(left)
  }

  public func leavingOut(_ left: [String]) throws -> (source: Domains, target: Domains) {
    let out = Set(try left.map { try index(of: $0) })
    func part(_ indices: [Int]) throws -> Domains {
      try Domains(
        indices.map { names[$0] }, indices.map { samples[$0] }, indices.map { streams[$0] },
        batchSize: batchSize, seed: seed)
    }
    return (
      try part(names.indices.filter { !out.contains($0) }), try part(names.indices.filter(out.contains))
    )
  }

  /// A part of each domain's samples, chosen at random by the seed, and the rest: training and validation within the
  /// same domains.
  ///
  /// - Parameter fraction: of the samples that the first part gets, rounded to the nearest; neither part may be empty.
  public func split(_ fraction: Double) throws -> (first: Domains, rest: Domains) {
    guard fraction > 0, fraction < 1 else {
      throw LearningError.argument(
        type: "Domains", reason: "a split takes a fraction between 0 and 1, not \(fraction)")
    }
    var parts: (first: [Samples], rest: [Samples]) = ([], [])
    for (place, own) in samples.enumerated() {
      let size = Int((Double(own.count) * fraction).rounded())
      guard size > 0, size < own.count else {
        throw LearningError.argument(
          type: "Domains",
          reason: "\(own.count) samples of \"\(names[place])\" cannot be split by \(fraction)")
      }
      let order = RandomKey(seed: seed, stream: UInt64(streams[place])).split(.max).permutation(
        own.count, at: 0)
      parts.first.append(try own.rows(order.prefix(size).sorted()))
      parts.rest.append(try own.rows(order.dropFirst(size).sorted()))
    }
    return (
      try Domains(names, parts.first, streams, batchSize: batchSize, seed: seed),
      try Domains(names, parts.rest, streams, batchSize: batchSize, seed: seed)
    )
  }

  /// One minibatch of each domain, in the domains' order.
  public func minibatch(at iteration: Int) throws -> [Samples] {
    if let prefetcher, let made = try prefetcher.item(at: iteration) { return made }
    return try samples.indices.map { try minibatch(of: $0, at: iteration) }
  }

  /// The same domains, whose minibatches are made ahead of their use in the background. One thread may use them.
  ///
  /// - Parameter end: nobody will ask for the minibatch of this iteration or a later one.
  public func prefetched(until end: Int) -> Domains {
    // All samples at each step are nothing to make.
    guard batchSize != nil else { return self }
    // Nothing in it changes but the orders, which are guarded.
    nonisolated(unsafe) let domains = self
    let prefetcher = Prefetcher(until: end) { (made: [Samples]) in
      made.reduce(0) { $0 + $1.bytes }
    } make: {
      try domains.minibatch(at: $0)
    }
    return Domains(self, prefetcher)
  }

  private func minibatch(of domain: Int, at iteration: Int) throws -> Samples {
    let own = samples[domain]
    guard let batchSize else { return own }
    let size = min(batchSize, own.count)
    let (first, overflow) = iteration.multipliedReportingOverflow(by: size)
    guard iteration >= 0, !overflow, first <= Int.max - size else {
      throw LearningError.argument(type: "Domains", reason: "there is no minibatch \(iteration)")
    }
    let rows = (0..<size).map { offset in
      let place = first + offset
      return order(of: domain, epoch: place / own.count)[place % own.count]
    }
    return try own.rows(rows)
  }

  private func order(of domain: Int, epoch: Int) -> [Int] {
    orders.withLock { orders in
      if let cached = orders[domain], cached.epoch == epoch { return cached.rows }
      let key = RandomKey(seed: seed, stream: UInt64(streams[domain])).split(UInt64(epoch))
      let rows = key.permutation(samples[domain].count, at: 0)
      orders[domain] = (epoch, rows)
      return rows
    }
  }
}
