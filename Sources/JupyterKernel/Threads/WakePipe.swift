import Glibc

/// Wakes a thread that polls: writing a byte makes the reading end readable.
final class WakePipe: Sendable {
  /// The end to poll.
  let reading: Int32
  /// The end to write to, also from a signal handler.
  let writing: Int32

  init() throws(KernelServerError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .system("pipe", errno) }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  func wake() {
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)  // a full pipe wakes as well
  }

  /// Takes the bytes that have been written.
  func drain() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(reading, &bytes, bytes.count)
    return Array(bytes[..<max(count, 0)])
  }
}
