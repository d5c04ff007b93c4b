internal import Display
internal import JSONCoding
internal import JupyterWire

/// The evaluator thread: owns the session and runs one cell after another, and between them, or at the safe points of
/// a cell that runs, what may visit: news of comms and the cells of subshells.
final class Evaluator: Sendable {
  private struct Inbox {
    var cell: Work?
    var visits: [Work] = []
    var isClosed = false

    mutating func takeVisit() -> Work? { visits.isEmpty ? nil : visits.removeFirst() }

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
  private let safePoint = SafePoint()

  init(core: KernelCore, messages: Mailbox<MessageLetter>) {
    self.core = core
    self.messages = messages
  }

  // MARK: For other threads

  /// Hands over work. A cell of the main shell only after the one before has been reported as finished.
  func run(_ work: Work) {
    inbox.update { inbox in
      if work.isVisit { inbox.visits.append(work) } else { inbox.cell = work }
    }
    if work.isVisit { safePoint.isAwaited = true }
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
      defer { (inbox.cell, inbox.visits) = (nil, []) }
      return (inbox.cell.map { [$0] } ?? []) + inbox.visits
    }
  }

  // MARK: The thread

  func run() {
    safePoint.receive = { [unowned self] in receiveVisits() }
    core.host.start(safePoint: safePoint)
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
