import Glibc

/// How much memory the machine, or the control group this process runs in, can still give.
enum AvailableMemory {
  /// Bytes available, or `Int.max` when neither the kernel nor a control group says.
  static func bytes() -> Int {
    var least = machine() ?? Int.max
    for (limit, usage) in controlGroupFiles {
      guard let limit = number(inFile: limit), let usage = number(inFile: usage) else { continue }
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
    guard let text = contents(of: "/proc/meminfo") else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      let digits = line.filter { $0 >= "0" && $0 <= "9" }
      return Int(digits).map { $0.multipliedReportingOverflow(by: 1024).partialValue }
    }
    return nil
  }

  private static func number(inFile path: String) -> Int? {
    guard let text = contents(of: path) else { return nil }
    return Int(text.split(separator: "\n").first ?? "")
  }

  private static func contents(of path: String) -> String? {
    let file = open(path, O_RDONLY)
    if file < 0 { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }
}
