import Glibc

/// Where the signal handler writes; set before the handler is installed.
nonisolated(unsafe) private var signalDescriptor: Int32 = -1

/// Turns signals into bytes that the control thread reads: SIGINT interrupts, SIGTERM ends the kernel.
enum Signals {
  static func install(into pipe: WakePipe) {
    signalDescriptor = pipe.writing
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      let error = errno
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(signalDescriptor, &byte, 1)
      errno = error
    }
    action.sa_flags = SA_RESTART
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
    signal(SIGPIPE, SIG_IGN)
  }
}
