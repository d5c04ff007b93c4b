internal import Display
internal import JSONCoding
internal import JupyterWire

/// The evaluator thread: owns the session and runs one cell after another, and news of comms between them.
final class Evaluator: Sendable {
  private enum Inbox {
    case empty
    case work(Work)
    case closed
  }

  private let inbox = Monitor(Inbox.empty)
  private let hasEnded = Monitor(false)
  private let core: KernelCore
  private let shell: Mailbox<ShellLetter>

  init(core: KernelCore, shell: Mailbox<ShellLetter>) {
    self.core = core
    self.shell = shell
  }

  // MARK: For other threads

  /// Hands over work. Only after the one before has been reported as finished.
  func run(_ work: Work) {
    inbox.update { if case .empty = $0 { $0 = .work(work) } }
  }

  /// Lets the thread end after the cell that runs, and waits for that.
  /// - Returns: False when the cell did not end in time.
  func finish(atMost milliseconds: Int) -> Bool {
    inbox.update { $0 = .closed }
    return hasEnded.wait(atMost: milliseconds) { $0 ? true : nil } ?? false
  }

  // MARK: The thread

  func run() {
    core.host.start()
    while let work = nextWork() {
      switch work {
      case .cell(let cell): shell.post(.finished(.cell(evaluate(cell))))
      case .comm(let job):
        hear(job)
        shell.post(.finished(.comm(job.origin)))
      }
    }
    hasEnded.update { $0 = true }
  }

  private func nextWork() -> Work? {
    inbox.wait { inbox in
      switch inbox {
      case .empty: return nil
      case .closed: return .some(nil)
      case .work(let work):
        inbox = .empty
        return work
      }
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
