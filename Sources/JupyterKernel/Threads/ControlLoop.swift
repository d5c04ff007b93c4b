import Glibc
internal import JSONCoding
internal import JupyterWire

/// The control thread: owns the control socket; interrupts and ends the kernel, when told by a message or a signal or
/// when the parent process dies.
final class ControlLoop {
  private let socket: Socket
  private let core: KernelCore
  private let evaluator: Evaluator
  private let mailbox: Mailbox<ControlLetter>
  private let debugging: DebugAdapter?
  private let signals: WakePipe?
  private let parent: ParentProcess?
  private var poller: Poller

  init(
    socket: Socket, core: KernelCore, evaluator: Evaluator, mailbox: Mailbox<ControlLetter>,
    signals: WakePipe?, parent: ParentProcess?
  ) {
    self.socket = socket
    self.core = core
    self.evaluator = evaluator
    debugging = DebugAdapter(core: core, evaluator: evaluator)
    self.mailbox = mailbox
    self.signals = signals
    self.parent = parent
    let descriptors = [mailbox.descriptor, signals?.reading, parent?.descriptor].compactMap(\.self)
    poller = Poller(sockets: [socket], descriptors: descriptors)
  }

  func run() {
    defer { socket.close() }
    if let parent, parent.hasDied { core.end(.parentDied) }
    while poller.wait(parent.flatMap(\.pause)) {
      for letter in poller.isReady(1) ? mailbox.take() : [] {
        switch letter {
        case .stop: return
        case .answered(let job, let result): finish(job, result)
        }
      }
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
    if type == DebugRequest.type, let debugging { return debug(message, debugging) }
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
      case KernelInfoReply.requestType:
        return Answer(KernelInfoReply(info: core.host.info, hasDebugger: core.host.debugger != nil))
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

  // MARK: The debugger

  /// Answers a request at once, or has the evaluator look.
  private func debug(_ message: IncomingMessage, _ debugging: DebugAdapter) {
    var asked: DebugJob?
    func answer(_ content: JSONValue, _ origin: Origin) throws(ContentError) -> Answer? {
      let request = try DebugRequest(content: content)
      switch debugging.handle(request, origin) {
      case .done(let result): return debugging.reply(to: request, result)
      case .asked(let question):
        asked = DebugJob(request: request, question: question, origin: origin)
        return nil
      }
    }
    core.serve(message, on: socket, endsLater: { asked != nil }, answer)
    if let asked {
      let token = core.interruption.handOver(isNext: false)
      evaluator.run(.debug(asked, Ticket(subshell: nil, token: token)))
    }
  }

  private func finish(_ job: DebugJob, _ result: Result<JSONValue, DebugRefusal>) {
    guard let answer = debugging?.reply(to: job.request, result) else { return }
    core.reply(answer.type, answer.content, to: job.origin, on: socket)
    core.publish(.idle, for: job.origin)
  }
}

/// Letters to the control thread.
enum ControlLetter: Sendable {
  /// The evaluator has answered a debugger's question.
  case answered(DebugJob, Result<JSONValue, DebugRefusal>)
  case stop
}
