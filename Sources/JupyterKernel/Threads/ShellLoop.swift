internal import JSONCoding
internal import JupyterWire

/// Letters to the shell thread.
enum ShellLetter: Sendable {
  case finished(FinishedWork)
  case stop
}

/// The shell thread: owns the shell socket, queues cells for the evaluator, and answers everything else at once, also
/// while a cell runs.
final class ShellLoop {
  /// How many cells may wait.
  static let queueLimit = 4096
  /// How long, in milliseconds, cells already on their way are awaited when a cell has failed. The failure's reply is
  /// sent afterwards, so that nothing a client sends in answer to it is mistaken for one of them.
  static let abortGrace = 5

  let socket: Socket
  let core: KernelCore
  private let evaluator: Evaluator
  private let mailbox: Mailbox<ShellLetter>
  private var poller: Poller
  private var waiting: [Job] = []
  private var isEvaluating = false
  private var executionCount = 0

  init(socket: Socket, core: KernelCore, evaluator: Evaluator, mailbox: Mailbox<ShellLetter>) {
    self.socket = socket
    self.core = core
    self.evaluator = evaluator
    self.mailbox = mailbox
    poller = Poller(sockets: [socket], descriptors: [mailbox.descriptor])
  }

  func run() {
    defer { socket.close() }
    while poller.wait() {
      if poller.isReady(1) {
        for letter in mailbox.take() {
          switch letter {
          case .finished(.cell(let cell)): finish(cell)
          case .finished(.comm(let origin)): finish(origin)
          case .stop:
            abortWaiting()
            return
          }
        }
      }
      receive()
      startNext()
    }
  }

  private func receive() {
    // Bounded, so that a client that never stops sending cannot keep a finished cell's reply from being sent.
    for _ in 0..<256 {
      guard let frames = socket.receive() else { return }
      guard let message = core.decode(frames, from: "shell") else { continue }
      if message.header.type == ExecuteRequest.type {
        enqueue(CellJob(message))
      } else if let event = commEvent(message) {
        enqueue(CommJob(origin: Origin(message), event: event))
      } else {
        answer(message)
      }
    }
  }

  // MARK: Cells

  private func enqueue(_ job: CellJob) {
    if waiting.count < ShellLoop.queueLimit {
      waiting.append(.cell(job))
    } else {
      abort(job, ErrorReply(name: "QueueFull", value: "\(ShellLoop.queueLimit) cells are waiting already"))
    }
  }

  /// News of comms run between cells, in the order they came.
  private func enqueue(_ job: CommJob) {
    if waiting.count < ShellLoop.queueLimit {
      waiting.append(.comm(job))
    } else {
      core.publish(.busy, for: job.origin)
      core.publish(.idle, for: job.origin)
    }
  }

  private func startNext() {
    while !isEvaluating, !waiting.isEmpty {
      switch waiting.removeFirst() {
      case .cell(let job): start(job)
      case .comm(let job):
        core.publish(.busy, for: job.origin)
        begin(.comm(job))
      }
    }
  }

  private func start(_ job: CellJob) {
    core.publish(.busy, for: job.origin)
    switch job.request {
    case .failure(let refusal):
      refuse(job, refusal)
    case .success(let request):
      if request.storesHistory { executionCount += 1 }
      if !request.isSilent {
        let input = ExecuteInput(code: request.code, executionCount: executionCount)
        core.queue.publish(Publication(input, for: job.origin))
      }
      begin(.cell(NumberedCell(job: job, request: request, executionCount: executionCount)))
    }
  }

  private func begin(_ work: Work) {
    isEvaluating = true
    core.interruption.beginCell()
    evaluator.run(work)
  }

  private func finish(_ comm: Origin) {
    core.interruption.endCell()
    core.publish(.idle, for: comm)
    isEvaluating = false
  }

  private func finish(_ cell: FinishedCell) {
    core.interruption.endCell()
    if cell.abortsQueue { awaitCellsOnTheirWay() }
    core.reply(
      ExecuteReply.type, cell.reply.content, metadata: cell.metadata, to: cell.origin, on: socket)
    core.publish(.idle, for: cell.origin)
    isEvaluating = false
    if cell.abortsQueue { abortWaiting() }
  }

  private func awaitCellsOnTheirWay() {
    let deadline = Clock.milliseconds + ShellLoop.abortGrace
    var rest = Poller(sockets: [socket], descriptors: [])
    while case let pause = deadline - Clock.milliseconds, pause > 0, rest.wait(pause) { receive() }
  }

  private func abortWaiting() {
    let jobs = waiting
    waiting = []
    for job in jobs {
      guard case .cell(let job) = job else {
        waiting.append(job)
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
    abortWaiting()
  }

  private func sendFailure(_ job: CellJob, _ reason: ErrorReply) {
    var content = reason.content
    content["execution_count"] = .int(executionCount)
    core.reply(ExecuteReply.type, content, metadata: ["status": "error"], to: job.origin, on: socket)
    core.publish(.idle, for: job.origin)
  }
}
