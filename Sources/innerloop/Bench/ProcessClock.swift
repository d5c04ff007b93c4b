import Foundation

/// What the operating system knows of this process.
enum ProcessClock {
  /// Seconds since the process was started, loading included; exact to a clock tick (10 ms).
  static func secondsSinceStart() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    let seconds = Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    // The 22nd field of stat(5), the 20th after the name in parentheses.
    guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let name = stat.lastIndex(of: ")")
    else { return 0 }
    let fields = stat[name...].split(separator: " ")
    guard fields.count > 20, let ticks = Double(fields[20]) else { return 0 }
    return seconds - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The most memory the process has had, in 2^20 bytes.
  static func peakResidentMegabytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1024
  }
}
