import ArrayCore
import OrderedCollections

extension Audit {
  /// The samples of domains, which should not be in another one, least of all in one that is held out.
  mutating func lookAt(
    _ sets: OrderedDictionary<String, Domains>, limits: Limits, progress: () throws -> Void
  ) throws {
    struct Place { let set: String, domain: String, sample: Int, domains: Domains }
    var known: [SampleDigest: Place] = [:]
    // Pairs of domains with equal samples, told once.
    var shared: OrderedDictionary<[String], (count: Int, first: Place, second: Place)> = [:]
    for (set, domains) in sets {
      var count = 0
      for name in domains.names {
        try progress()
        try Cancellation.check("audit")
        let all = try domains[name]
        let size = max(1, all.inputs.count / max(1, all.count))
        let own = try all.rows(Array(0..<min(all.count, max(2, limits.numbers / size))))
        count += own.count
        for (sample, digest) in try own.digests().enumerated() {
          let place = Place(set: set, domain: name, sample: sample, domains: domains)
          guard let earlier = known[digest] else {
            known[digest] = place
            continue
          }
          let key = [earlier.set, earlier.domain, set, name]
          shared[key] = (
            (shared[key]?.count ?? 0) + 1, shared[key]?.first ?? earlier, shared[key]?.second ?? place
          )
        }
      }
      looked.append("\(set): \(count) samples of \(domains.count) domain\(domains.count == 1 ? "" : "s")")
    }
    for (count, first, second) in shared.values {
      let samples = "\(count) sample\(count == 1 ? "" : "s")"
      let isOne = first.set == second.set && first.domain == second.domain
      let place = "sample \(first.sample) of \(first.domain) is sample \(second.sample) of \(second.domain)"
      add(
        isOne ? .duplicateSamples : .sharedSamples,
        isOne
          ? "the domain \(first.domain) of \(first.set) has \(samples) more than once: \(place)"
          : first.set == second.set
            ? "two domains of \(first.set) share \(samples): \(place)"
            : "\(first.set) and \(second.set) share \(samples): \(place)",
        hint: isOne
          ? "leave repetitions out" : "deal the samples out, so that each is in one domain alone",
        of: second.domains,
        other: first.domains === second.domains ? nil : (first.domains, first.set))
    }
  }
}
