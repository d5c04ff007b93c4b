internal import JSONCoding
internal import JupyterWire

/// shell: queues cells and news of comms for the evaluator, and answers everything else at once, also while a cell runs.
/// Message thread.
final class ShellRequests {
  /// How many cells may wait in one line.
  static let queueLimit = 4096
  /// How long, in milliseconds, cells already on their way are awaited when a cell has failed. The failure's reply is
  /// sent afterwards, so that nothing a client sends in answer to it is mistaken for one of them.
  static let abortGrace = 5

  let socket: Socket
  let core: KernelCore
  private let evaluator: Evaluator
  private let publisher: Publisher
  /// The main shell's line, under nil, and the subshells'.
  private var lines: [String?: Line] = [nil: Line()]
  private var executionCount = 0

  init(socket: Socket, core: KernelCore, evaluator: Evaluator, publisher: Publisher) {
    self.socket = socket
    self.core = core
    self.evaluator = evaluator
    self.publisher = publisher
  }

  /// Takes up what has arrived.
  func serve() {
    receive()
    startWaiting()
  }

  /// Answers the cells that have not begun.
  func abortWaiting() {
    for subshell in lines.keys { abortWaiting(subshell) }
  }

  private func receive() {
    // Bounded, so that a client that never stops sending cannot keep a finished cell's reply from being sent.
    for _ in 0..<256 {
      guard let frames = socket.receive() else { return }
      guard let message = core.decode(frames, from: "shell") else { continue }
      if let subshell = message.header.subshell, !core.subshells.contains(subshell) {
        refuse(message, KernelCore.noSubshell(subshell))
      } else if message.header.type == ExecuteRequest.type {
        enqueue(CellJob(message), message.header.subshell)
      } else if let event = commEvent(message) {
        enqueue(CommJob(origin: Origin(message), event: event), message.header.subshell)
      } else {
        answer(message)
      }
    }
  }

  private func refuse(_ message: IncomingMessage, _ reason: ErrorReply) {
    if message.header.type == ExecuteRequest.type {
      let job = CellJob(message)
      core.publish(.busy, for: job.origin)
      refuse(job, reason)
    } else {
      core.serve(message, on: socket) { (_, _) in Answer(refusing: message.header.type, reason) }
    }
  }

  // MARK: Cells

  private func enqueue(_ job: CellJob, _ subshell: String?) {
    if lines[subshell, default: Line()].waiting.count < ShellRequests.queueLimit {
      lines[subshell, default: Line()].waiting.append(.cell(job))
    } else {
      abort(
        job, ErrorReply(name: "QueueFull", value: "\(ShellRequests.queueLimit) cells are waiting already"))
    }
  }

  private func enqueue(_ job: CommJob, _ subshell: String?) {
    if lines[subshell, default: Line()].waiting.count < ShellRequests.queueLimit {
      lines[subshell, default: Line()].waiting.append(.comm(job))
    } else {
      core.publish(.busy, for: job.origin)
      core.publish(.idle, for: job.origin)
    }
  }

  private func startWaiting() {
    for subshell in lines.keys {
      while let job = lines[subshell]?.next() {
        switch job {
        case .cell(let job): start(job, subshell)
        case .comm(let job):
          core.publish(.busy, for: job.origin)
          evaluator.run(.comm(job, ticket(subshell)))
        }
      }
      if let subshell, lines[subshell]?.isIdle == true { lines[subshell] = nil }
    }
  }

  private func start(_ job: CellJob, _ subshell: String?) {
    core.publish(.busy, for: job.origin)
    // The client is busy with this while the cell is got under way.
    _ = publisher.serve()
    switch job.request {
    case .failure(let refusal):
      lines[subshell]?.runsCell = false
      refuse(job, refusal)
      abortWaiting(subshell)
    case .success(let request):
      if request.storesHistory { executionCount += 1 }
      if !request.isSilent {
        let input = ExecuteInput(code: request.code, executionCount: executionCount)
        core.queue.publish(Publication(input, for: job.origin))
      }
      let cell = NumberedCell(job: job, request: request, executionCount: executionCount)
      evaluator.run(.cell(cell, ticket(subshell, isNext: subshell == nil)))
    }
  }

  private func ticket(_ subshell: String?, isNext: Bool = false) -> Ticket {
    Ticket(subshell: subshell, token: core.interruption.handOver(isNext: isNext))
  }

  /// The evaluator has done something.
  func finish(_ work: FinishedWork) {
    switch work {
    case .comm(let origin, let ticket):
      core.interruption.end(ticket.token)
      core.publish(.idle, for: origin)
      lines[ticket.subshell]?.hearsComm = false
    case .cell(let cell, let ticket):
      core.interruption.end(ticket.token)
      finish(cell)
      lines[ticket.subshell]?.runsCell = false
      if cell.abortsQueue { abortWaiting(ticket.subshell) }
    }
  }

  /// Answers work that was handed to the evaluator and will not be done.
  func abandon(_ works: [Work]) {
    for work in works {
      switch work {
      case .comm(let job, _): core.publish(.idle, for: job.origin)
      case .debug(let job, _): core.publish(.idle, for: job.origin)
      case .cell(let cell, _):
        sendFailure(cell.job, ErrorReply(name: "Aborted", value: "not run, because the kernel ends"))
      }
    }
  }

  private func finish(_ cell: FinishedCell) {
    if cell.abortsQueue { awaitCellsOnTheirWay() }
    // What the cell has shown goes before its reply, as far as subscribers take it.
    _ = publisher.serve(all: true)
    core.reply(
      ExecuteReply.type, cell.reply.content, metadata: cell.metadata, to: cell.origin, on: socket)
    core.publish(.idle, for: cell.origin)
  }

  private func awaitCellsOnTheirWay() {
    let deadline = Clock.milliseconds + ShellRequests.abortGrace
    var rest = Poller(sockets: [socket], descriptors: [])
    while case let pause = deadline - Clock.milliseconds, pause > 0, rest.wait(pause) { receive() }
  }

  /// Answers the cells of a line that have not begun; news of comms stay.
  private func abortWaiting(_ subshell: String?) {
    let jobs = lines[subshell]?.waiting ?? []
    lines[subshell]?.waiting = []
    for job in jobs {
      guard case .cell(let job) = job else {
        lines[subshell]?.waiting.append(job)
        continue
      }
      abort(job, ErrorReply(name: "Aborted", value: "not run, because an earlier cell failed"))
    }
  }

  /// Answers a cell that is not run.
  private func abort(_ job: CellJob, _ reason: ErrorReply) {
    core.publish(.busy, for: job.origin)
    sendFailure(job, reason)
  }

  /// Answers a cell that cannot be run, and shows why.
  private func refuse(_ job: CellJob, _ refusal: ErrorReply) {
    let error = ExecutionError(
      name: refusal.name, value: refusal.value, traceback: ["\(refusal.name): \(refusal.value)"])
    core.queue.publish(Publication(error, for: job.origin))
    sendFailure(job, refusal)
  }

  private func sendFailure(_ job: CellJob, _ reason: ErrorReply) {
    var content = reason.content
    content["execution_count"] = .int(executionCount)
    core.reply(ExecuteReply.type, content, metadata: ["status": "error"], to: job.origin, on: socket)
    core.publish(.idle, for: job.origin)
  }
}
