import Glibc
internal import JSONCoding
internal import JupyterWire

/// The control thread: owns the control socket; interrupts and ends the kernel, when told by a message or a signal or
/// when the parent process dies.
final class ControlLoop {
  private let socket: Socket
  private let core: KernelCore
  private let mailbox: Mailbox<Void>
  private let signals: WakePipe?
  private let parent: ParentProcess?
  private var poller: Poller

  init(
    socket: Socket, core: KernelCore, mailbox: Mailbox<Void>, signals: WakePipe?, parent: ParentProcess?
  ) {
    self.socket = socket
    self.core = core
    self.mailbox = mailbox
    self.signals = signals
    self.parent = parent
    poller = Poller(
      sockets: [socket], descriptors: [mailbox.descriptor] + (signals.map { [$0.reading] } ?? []))
  }

  func run() {
    defer { socket.close() }
    while poller.wait(parent.map { _ in 1000 }) {
      if poller.isReady(1) { return }
      if let signals { obey(signals.drain()) }
      while let frames = socket.receive() {
        if let message = core.decode(frames, from: "control") { answer(message) }
      }
      if let parent, parent.hasDied { core.end(.parentDied) }
    }
  }

  private func obey(_ signals: [UInt8]) {
    for signal in signals {
      if signal == UInt8(SIGTERM) { core.end(.terminated) } else { core.interruption.interrupt() }
    }
  }

  private func answer(_ message: IncomingMessage) {
    let type = message.header.type
    var end: KernelEnd?
    core.serve(message, on: socket) { (content, origin) throws(ContentError) in
      switch type {
      case InterruptReply.requestType:
        core.interruption.interrupt()
        return Answer(InterruptReply())
      case ShutdownRequest.type:
        let request = try ShutdownRequest(content: content)
        end = .shutdown(restart: request.restarts)
        return core.shutdown(request, origin)
      case KernelInfoReply.requestType: return Answer(KernelInfoReply(info: core.host.info))
      case CreateSubshellReply.requestType: return Answer(CreateSubshellReply(id: core.subshells.create()))
      case ListSubshellReply.requestType: return Answer(ListSubshellReply(ids: core.subshells.ids))
      case DeleteSubshellRequest.type:
        let request = try DeleteSubshellRequest(content: content)
        return core.subshells.remove(request.id)
          ? Answer(DeleteSubshellReply()) : Answer(refusing: type, KernelCore.noSubshell(request.id))
      default: return core.unknown(type)
      }
    }
    if let end { core.end(end) }
  }
}

/// The process that started the kernel, as Jupyter names it in `JPY_PARENT_PID`.
struct ParentProcess {
  private let parent = getppid()
  private let announced: pid_t

  /// `nil` when the kernel was not started to live and die with another process.
  init?() {
    guard let text = getenv("JPY_PARENT_PID"), let number = pid_t(String(cString: text)), number > 0 else {
      return nil
    }
    announced = number
  }

  /// Whether it has ended: the system then gives the kernel another parent.
  var hasDied: Bool {
    let current = getppid()
    return current != parent || (current == 1 && announced != 1)
  }
}
