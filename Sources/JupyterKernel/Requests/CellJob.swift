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

/// Which line a piece of work comes from, and how to stop it.
struct Ticket: Sendable {
  /// nil for the main shell's line.
  let subshell: String?
  let token: Interruption.Token
}

/// What the evaluator does next.
enum Work: Sendable {
  case cell(NumberedCell, Ticket)
  case comm(CommJob, Ticket)
  case debug(DebugJob, Ticket)

  var ticket: Ticket {
    switch self {
    case .cell(_, let ticket), .comm(_, let ticket), .debug(_, let ticket): ticket
    }
  }

  var isCell: Bool {
    if case .cell = self { true } else { false }
  }

  /// Whether it may be done in the middle of a cell: all but a cell of the main shell.
  var isVisit: Bool {
    if case .cell(_, let ticket) = self { ticket.subshell != nil } else { true }
  }
}

/// What the evaluator has done.
enum FinishedWork: Sendable {
  case cell(FinishedCell, Ticket)
  case comm(Origin, Ticket)
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
