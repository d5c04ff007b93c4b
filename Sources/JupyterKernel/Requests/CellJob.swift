internal import Display
internal import JSONCoding
internal import JupyterWire

/// A cell that waits to be run.
struct CellJob: Sendable {
  let origin: Origin
  /// What to run, or why it is refused.
  let request: Result<ExecuteRequest, ErrorReply>
  let cellID: String?
  let deletedCells: [String]

  init(_ message: IncomingMessage) {
    origin = Origin(message)
    cellID = message.metadata["cellId"]?.string
    deletedCells = message.metadata["deletedCells"]?.array?.compactMap(\.string) ?? []
    if let content = message.content {
      do throws(ContentError) {
        request = .success(try ExecuteRequest(content: content))
      } catch {
        request = .failure(ErrorReply(name: "InvalidRequest", value: "\(error)"))
      }
    } else {
      request = .failure(ErrorReply(name: "MessageTooLarge", value: KernelCore.tooLarge))
    }
  }
}

/// News of a comm that waits to be heard.
struct CommJob: Sendable {
  let origin: Origin
  let event: CommEvent
}

/// What waits for the evaluator.
enum Job: Sendable {
  case cell(CellJob)
  case comm(CommJob)
}

/// What the evaluator does next.
enum Work: Sendable {
  case cell(NumberedCell)
  case comm(CommJob)
}

/// What the evaluator has done.
enum FinishedWork: Sendable {
  case cell(FinishedCell)
  case comm(Origin)
}

/// A cell on its way to the evaluator.
struct NumberedCell: Sendable {
  let job: CellJob
  let request: ExecuteRequest
  let executionCount: Int
}

/// A cell that has been run.
struct FinishedCell: Sendable {
  let origin: Origin
  let reply: ExecuteReply
  let metadata: JSONValue
  /// Whether cells that wait behind it are not to be run.
  let abortsQueue: Bool
}
