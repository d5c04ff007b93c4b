import CKernels
import Glibc

/// How many processors this process should use, so that several on one machine share it sensibly.
package enum Processors {
  /// What `OMP_NUM_THREADS` says; else the processors that the process may run on, but no more than the processor time of
  /// its control group keeps busy, and no more than its part of those that `mpirun` shares out among its ranks here.
  package static func count() -> Int {
    func variable(_ name: String) -> Int? { wanted(getenv(name).map { String(cString: $0) }) }
    if let wanted = variable("OMP_NUM_THREADS") { return wanted }
    let groups = SystemFile.contents(of: "/proc/self/cgroup") ?? ""
    let quota = quota(of: groups) ?? Int.max
    let own = min(Int(il_processor_count(0)), quota)
    // Ranks may each have processors of their own, or all the same ones; who started them has all.
    let ranks = variable("OMPI_COMM_WORLD_LOCAL_SIZE") ?? 1
    return ranks == 1
      ? own
      : share(of: min(Int(il_processor_count(getppid())), quota), ranks: ranks, own: own)
  }

  /// The processors of one of several ranks, of `all` that the ranks have together and `own` that this one may use.
  package static func share(of all: Int, ranks: Int, own: Int) -> Int {
    max(1, min(own, all / max(1, ranks)))
  }

  /// The first number of the variable, which may be a list; nil for anything that OpenMP would not take.
  package static func wanted(_ variable: String?) -> Int? {
    let first = variable?.split(separator: ",").first?.filter { $0 != " " }
    guard let first, let number = Int(first), number > 0 else { return nil }
    return number
  }

  /// The processors that the least of the limits from a group up to the root keeps busy, rounded up; nil without a limit.
  ///
  /// - Parameters:
  ///   - groups: what `/proc/self/cgroup` says: `0::/path` of version 2, `4:cpu,cpuacct:/path` of version 1.
  ///   - root: where control groups are.
  package static func quota(of groups: String, root: String = "/sys/fs/cgroup") -> Int? {
    var least: Double?
    for line in groups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isSecond = parts[1].isEmpty
      guard isSecond || parts[1].split(separator: ",").contains("cpu") else { continue }
      let base = isSecond ? root : root + "/cpu"
      // Inside a container the path is the host's, and the group's own files lie at the root.
      var path = parts[2].split(separator: "/")
      while true {
        let folder = ([base] + path.map(String.init)).joined(separator: "/")
        if let share = isSecond ? second(folder) : first(folder) { least = min(least ?? share, share) }
        if path.isEmpty { break }
        path.removeLast()
      }
    }
    return least.map { max(1, Int(min($0, 1e6).rounded(.up))) }
  }

  private static func second(_ folder: String) -> Double? {
    let words = SystemFile.contents(of: folder + "/cpu.max")?.split { $0 == " " || $0 == "\n" } ?? []
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 else {
      return nil
    }
    return quota / period
  }

  private static func first(_ folder: String) -> Double? {
    guard let quota = SystemFile.number(in: folder + "/cpu.cfs_quota_us"), quota > 0,
      let period = SystemFile.number(in: folder + "/cpu.cfs_period_us"), period > 0
    else { return nil }
    return Double(quota) / Double(period)
  }
}
