import Foundation

/// Ctrl-C for a program that runs as a script.
enum InterruptSignal {
  /// Where the handler, which may do nothing else, writes a byte.
  nonisolated(unsafe) private static var wake: Int32 = -1

  /// Calls `interrupt`, on a thread of its own, at the first signal; the second ends the process.
  static func forward(to interrupt: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    let reading = ends[0]
    wake = ends[1]
    signal(SIGINT) { _ in
      var byte: UInt8 = 0
      _ = write(InterruptSignal.wake, &byte, 1)
    }
    let thread = Thread {
      var byte: UInt8 = 0
      while read(reading, &byte, 1) < 0 {}
      interrupt()
      while read(reading, &byte, 1) < 0 {}
      _exit(130)
    }
    thread.name = "interrupts"
    thread.start()
  }
}
