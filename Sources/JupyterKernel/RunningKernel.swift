package import JupyterWire
internal import Logging

/// A kernel with its sockets and threads.
package final class RunningKernel: Sendable {
  /// How long a running cell may take to end when the kernel ends, in milliseconds.
  private static let cellTime = 2000

  private let core: KernelCore
  private let context: SocketContext
  private let evaluator: Evaluator
  private let messages: Mailbox<MessageLetter>
  private let control: Mailbox<ControlLetter>
  /// The threads with sockets that have not ended.
  private let open: Monitor<Set<String>>

  /// A kernel that says nothing about itself and watches neither signals nor its parent.
  package convenience init(connection: ConnectionInfo, host: any LanguageHost, patience: Int = 20_000)
    throws(KernelServerError)
  {
    let logger = Logger(label: "innerloop.kernel", factory: { _ in SwiftLogNoOpLogHandler() })
    try self.init(
      sockets: KernelSockets(connection), key: connection.key, host: host, logger: logger, patience: patience)
  }

  /// Starts all threads.
  init(
    sockets: KernelSockets, key: [UInt8], host: any LanguageHost, logger: Logger, patience: Int = 20_000,
    signals: WakePipe? = nil, parent: ParentProcess? = nil
  ) throws(KernelServerError) {
    let core = try KernelCore(host: host, key: key, logger: logger, patience: patience)
    let messages = try Mailbox<MessageLetter>()
    let control = try Mailbox<ControlLetter>()
    let evaluator = Evaluator(core: core, messages: messages, control: control)
    let open = Monitor<Set<String>>([])
    self.core = core
    context = sockets.context
    self.messages = messages
    self.control = control
    self.evaluator = evaluator
    self.open = open

    func start(_ name: String, stack: Int = 1 << 21, _ run: @escaping @Sendable () -> Void)
      throws(KernelServerError)
    {
      open.withLock { _ = $0.insert(name) }
      try KernelThread.start(name, stack: stack) {
        run()
        open.update { _ = $0.remove(name) }
      }
    }
    try start("heartbeat") { HeartbeatLoop(socket: sockets.heartbeat).run() }
    // Source is parsed on the message thread and parsed and run on the evaluator: deep nesting needs deep stacks.
    try KernelThread.start("evaluator", stack: 1 << 30) { evaluator.run() }
    try start("messages", stack: 1 << 28) {
      MessageLoop(sockets: sockets, core: core, evaluator: evaluator, mailbox: messages).run()
    }
    // Texts with breakpoints are parsed on the control thread.
    try start("control", stack: 1 << 28) {
      ControlLoop(
        socket: sockets.control, core: core, evaluator: evaluator, mailbox: control, signals: signals,
        parent: parent
      ).run()
    }
  }

  /// Waits for a reason to end, then ends everything in order: the cell, the requests, the output, the sockets.
  @discardableResult
  package func waitUntilEnded() -> KernelEnd {
    let reason = core.end.wait { $0 }
    core.interruption.interrupt()
    if !evaluator.finish(atMost: RunningKernel.cellTime) {
      core.logger.warning("a cell does not end; the kernel ends without it")
    }
    control.post(.stop)
    waitForThreads(except: ["messages", "heartbeat"])
    messages.post(.stop)
    waitForThreads(except: ["heartbeat"])
    context.shutdown()
    waitForThreads(except: [])
    if open.withLock({ $0.isEmpty }) { context.terminate() }
    core.host.shutdown(restart: reason.restarts)
    return reason
  }

  private func waitForThreads(except others: Set<String>) {
    _ = open.wait(atMost: 1500) { $0.isSubset(of: others) ? () : nil }
  }

  /// Ends the kernel as SIGTERM would.
  package func end() {
    core.end(.terminated)
  }
}
