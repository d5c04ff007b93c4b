internal import Display
internal import JSONCoding
internal import JupyterWire

/// The evaluator thread: owns the session and runs one cell after another, and between them, or at the safe points of
/// a cell that runs, what may visit: news of comms and the cells of subshells.
final class Evaluator: Sendable {
  private struct Inbox {
    var cell: Work?
    var visits: [Work] = []
    /// Questions of a debugger; they are answered at every moment at which something may be done.
    var questions: [Work] = []
    var isClosed = false
    /// How the paused program goes on, once somebody has said so.
    var resumption: DebugResumption?
    var isHeld = false
    var isInterrupted = false

    mutating func takeVisit() -> Work? {
      takeQuestion() ?? (visits.isEmpty ? nil : visits.removeFirst())
    }

    mutating func takeQuestion() -> Work? { questions.isEmpty ? nil : questions.removeFirst() }

    /// A cell comes first: what has been sent after it then sees what it did, or visits it.
    mutating func take() -> Work? {
      guard let cell else { return takeVisit() }
      self.cell = nil
      return cell
    }
  }

  private let inbox = Monitor(Inbox())
  private let hasEnded = Monitor(false)
  private let core: KernelCore
  private let messages: Mailbox<MessageLetter>
  private let control: Mailbox<ControlLetter>
  private let safePoint = SafePoint()
  let paths: CellPaths
  private let stage: DebugStage

  init(core: KernelCore, messages: Mailbox<MessageLetter>, control: Mailbox<ControlLetter>) {
    self.core = core
    self.messages = messages
    self.control = control
    paths = CellPaths(suffix: core.host.info.fileExtension)
    stage = DebugStage(host: core.host, paths: paths)
    core.interruption.wake = { [inbox] in inbox.update { $0.isInterrupted = true } }
  }

  // MARK: For other threads

  /// Hands over work. A cell of the main shell only after the one before has been reported as finished.
  func run(_ work: Work) {
    inbox.update { inbox in
      if case .debug = work {
        inbox.questions.append(work)
      } else if work.isVisit {
        inbox.visits.append(work)
      } else {
        inbox.cell = work
      }
    }
    if work.isVisit { safePoint.isAwaited = true }
  }

  /// Whether a program is paused.
  var isHeld: Bool { inbox.withLock { $0.isHeld } }

  /// Lets a paused program go on; false when none is.
  func resume(_ resumption: DebugResumption) -> Bool {
    inbox.update { inbox in
      guard inbox.isHeld, inbox.resumption == nil else { return false }
      inbox.resumption = resumption
      return true
    }
  }

  /// Lets the thread end after what runs, and waits for that.
  /// - Returns: False when that did not end in time.
  func finish(atMost milliseconds: Int) -> Bool {
    inbox.update { $0.isClosed = true }
    return hasEnded.wait(atMost: milliseconds) { $0 ? true : nil } ?? false
  }

  /// What has been handed over and will not be done, once the kernel ends.
  func takeWaiting() -> [Work] {
    inbox.withLock { inbox in
      defer { (inbox.cell, inbox.visits, inbox.questions) = (nil, [], []) }
      return (inbox.cell.map { [$0] } ?? []) + inbox.visits + inbox.questions
    }
  }

  // MARK: The thread

  func run() {
    safePoint.receive = { [unowned self] in receiveVisits() }
    core.host.start(safePoint: safePoint)
    core.host.debugger?.whenPaused { [unowned self] in hold($0) }
    while let work = nextWork() {
      core.interruption.begin(work.ticket.token)
      // Cells can be visited; visitors of visitors would keep each other waiting.
      safePoint.isOpen = work.isCell
      perform(work)
    }
    hasEnded.update { $0 = true }
  }

  private func nextWork() -> Work? {
    inbox.wait { inbox in
      if inbox.isClosed { return .some(nil) }
      return inbox.take().map { .some($0) }
    }
  }

  /// Does what waits to be done in the middle of a cell.
  private func receiveVisits() {
    safePoint.isOpen = false
    defer { safePoint.isOpen = true }
    safePoint.isAwaited = false
    while !core.interruption.isInterrupted,
      let visit = inbox.withLock({ $0.isClosed ? nil : $0.takeVisit() })
    {
      core.interruption.beginVisit(visit.ticket.token)
      perform(visit)
    }
  }

  private func perform(_ work: Work) {
    switch work {
    case .debug(let job, let ticket): answer(job, ticket)
    case .cell(let cell, let ticket): messages.post(.finished(.cell(evaluate(cell), ticket)))
    case .comm(let job, let ticket):
      hear(job)
      messages.post(.finished(.comm(job.origin, ticket)))
    }
  }

  private func hear(_ job: CommJob) {
    let output = CellOutput(origin: job.origin, core: core)
    if case .opened(let id, let target, _) = job.event { core.comms.add(id, target: target) }
    if case .closed(let id) = job.event { core.comms.remove(id) }
    let isWanted = core.host.receive(job.event, output: output)
    guard case .opened(let id, let target, _) = job.event, !isWanted else { return }
    core.logger.debug("no comm target \(target)")
    core.comms.remove(id)
    core.queue.publish(Publication(CommClose(id: id), for: job.origin))
  }

  // MARK: The debugger

  /// Keeps a paused program until somebody lets it go on or interrupts it, and meanwhile answers what is asked of it.
  private func hold(_ program: PausedProgram) -> DebugResumption {
    inbox.update { ($0.isHeld, $0.resumption, $0.isInterrupted) = (true, nil, false) }
    // What visits waits for the program, also where a question runs code.
    let isOpen = safePoint.isOpen
    safePoint.isOpen = false
    stage.begin(program)
    core.publish(DebugPause.stopped(program.reason), for: nil)
    defer {
      inbox.withLock { $0.isHeld = false }
      safePoint.isOpen = isOpen
      stage.end()
      core.publish(DebugPause.continued, for: nil)
    }
    while !core.interruption.isInterrupted {
      let next = inbox.wait { inbox -> Held? in
        if inbox.isClosed || inbox.isInterrupted { return .ended }
        if let work = inbox.takeQuestion() { return .asked(work) }
        return inbox.resumption.map(Held.resumed)
      }
      switch next {
      case .asked(let work): perform(work)
      case .resumed(let resumption): return resumption
      case .ended: return .proceed
      }
    }
    return .proceed
  }

  private enum Held {
    case asked(Work)
    case resumed(DebugResumption)
    case ended
  }

  private func answer(_ job: DebugJob, _ ticket: Ticket) {
    let output = CellOutput(origin: job.origin, core: core)
    let result: Result<JSONValue, DebugRefusal>
    do throws(DebugRefusal) {
      result = .success(try stage.answer(job.question, output: output))
    } catch {
      result = .failure(error)
    }
    core.interruption.end(ticket.token)
    control.post(.answered(job, result))
  }

  private func evaluate(_ cell: NumberedCell) -> FinishedCell {
    let (job, request) = (cell.job, cell.request)
    let started = MessageDate.now()
    let output = CellOutput(
      origin: job.origin, isSilent: request.isSilent, allowsInput: request.allowsInput, core: core)
    let outcome = core.host.execute(
      ExecutionRequest(
        code: request.code, executionCount: cell.executionCount, storesHistory: request.storesHistory,
        isSilent: request.isSilent, cellID: job.cellID, deletedCells: job.deletedCells),
      output: output)
    let replied: ExecuteReply.Outcome
    switch outcome {
    case .ok(let result, let pages):
      if let result, !request.isSilent {
        output.show(
          ExecuteResult(
            executionCount: cell.executionCount, data: result.dataJSON, metadata: result.metadataJSON))
      }
      replied = .ok(pages: pages.map(\.dataJSON), userExpressions: expressions(request, output))
    case .error(let error):
      replied = .error(error)
    case .interrupted:
      replied = .error(Evaluator.interrupted)
    }
    var hasFailed = false
    if case .error(let error) = replied {
      hasFailed = true
      if !request.isSilent { output.show(error) }
    }
    return FinishedCell(
      origin: job.origin,
      reply: ExecuteReply(executionCount: cell.executionCount, outcome: replied),
      metadata: [
        "started": .string(started), "dependencies_met": true, "engine": .string(core.encoder.session),
        "status": hasFailed ? "error" : "ok",
      ],
      abortsQueue: hasFailed && request.stopsOnError)
  }

  private func expressions(_ request: ExecuteRequest, _ output: CellOutput) -> JSONValue {
    var values = JSONValue.emptyObject
    for (name, expression) in request.userExpressions {
      switch core.host.evaluate(expression: expression, output: output) {
      case .success(let bundle):
        values[name] = ExecuteReply.expression(data: bundle.dataJSON, metadata: bundle.metadataJSON)
      case .failure(let error):
        values[name] = ExecuteReply.expression(error)
      }
    }
    return values
  }

  private static let interrupted = ExecutionError(
    name: "Interrupted", value: "the cell was interrupted",
    traceback: ["Interrupted: the cell was interrupted"])
}
