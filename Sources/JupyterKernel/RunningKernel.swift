package import JupyterWire
internal import Logging

/// A kernel with its sockets and threads.
package final class RunningKernel: Sendable {
  /// How long a running cell may take to end when the kernel ends, in milliseconds.
  private static let cellTime = 2000

  private let core: KernelCore
  private let context: SocketContext
  private let evaluator: Evaluator
  private let shell: Mailbox<ShellLetter>
  private let control: Mailbox<Void>
  /// The threads with sockets that have not ended.
  private let open: Monitor<Set<String>>

  /// A kernel that says nothing about itself and watches neither signals nor its parent.
  package convenience init(connection: ConnectionInfo, host: any LanguageHost, patience: Int = 20_000)
    throws(KernelServerError)
  {
    let logger = Logger(label: "innerloop.kernel", factory: { _ in SwiftLogNoOpLogHandler() })
    try self.init(connection: connection, host: host, logger: logger, patience: patience)
  }

  /// Binds all sockets and starts all threads.
  init(
    connection: ConnectionInfo, host: any LanguageHost, logger: Logger, patience: Int = 20_000,
    signals: WakePipe? = nil, parent: ParentProcess? = nil
  ) throws(KernelServerError) {
    let core = try KernelCore(host: host, key: connection.key, logger: logger, patience: patience)
    let context = try SocketContext()
    let shell = try Mailbox<ShellLetter>()
    let control = try Mailbox<Void>()
    let evaluator = Evaluator(core: core, shell: shell)
    let open = Monitor<Set<String>>([])
    self.core = core
    self.context = context
    self.shell = shell
    self.control = control
    self.evaluator = evaluator
    self.open = open

    var sockets: [Socket] = []
    func listen(_ kind: Socket.Kind, _ channel: ConnectionInfo.Channel) throws(KernelServerError) -> Socket {
      do throws(KernelServerError) {
        let socket = try context.listen(kind, channel, connection)
        sockets.append(socket)
        return socket
      } catch {
        for socket in sockets { socket.close() }
        context.terminate()
        throw error
      }
    }
    let shellSocket = try listen(.router(mandatory: false), .shell)
    let controlSocket = try listen(.router(mandatory: false), .control)
    let publisher = try listen(.publisher, .iopub)
    let input = try listen(.router(mandatory: true), .stdin)
    let heartbeat = try listen(.router(mandatory: false), .heartbeat)

    func start(_ name: String, stack: Int = 1 << 21, _ run: @escaping @Sendable () -> Void)
      throws(KernelServerError)
    {
      open.withLock { _ = $0.insert(name) }
      try KernelThread.start(name, stack: stack) {
        run()
        open.update { _ = $0.remove(name) }
      }
    }
    try start("heartbeat") { HeartbeatLoop(socket: heartbeat).run() }
    try start("io") { IOLoop(publisher: publisher, input: input, core: core).run() }
    // Source is parsed on the shell thread and parsed and run on the evaluator: deep nesting needs deep stacks.
    try KernelThread.start("evaluator", stack: 1 << 30) { evaluator.run() }
    try start("shell", stack: 1 << 28) {
      ShellLoop(socket: shellSocket, core: core, evaluator: evaluator, mailbox: shell).run()
    }
    try start("control") {
      ControlLoop(socket: controlSocket, core: core, mailbox: control, signals: signals, parent: parent).run()
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
    shell.post(.stop)
    control.post(())
    waitForThreads(except: ["io", "heartbeat"])
    core.queue.close()
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
