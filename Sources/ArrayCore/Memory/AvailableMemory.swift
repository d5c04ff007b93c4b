/// How much memory the machine, or the control group this process runs in, can still give.
enum AvailableMemory {
  /// Bytes available, or `Int.max` when neither the kernel nor a control group says.
  static func bytes() -> Int {
    var least = machine() ?? Int.max
    for (limit, usage) in controlGroupFiles {
      guard let limit = SystemFile.number(in: limit), let usage = SystemFile.number(in: usage) else {
        continue
      }
      least = min(least, max(0, limit - usage))
    }
    return least
  }

  // Version 2 and version 1 of Linux control groups; a limit of "max" is no number and is passed over.
  private static let controlGroupFiles = [
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
  ]

  private static func machine() -> Int? {
    guard let text = SystemFile.contents(of: "/proc/meminfo") else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      let digits = line.filter { $0 >= "0" && $0 <= "9" }
      return Int(digits).map { $0.multipliedReportingOverflow(by: 1024).partialValue }
    }
    return nil
  }
}
