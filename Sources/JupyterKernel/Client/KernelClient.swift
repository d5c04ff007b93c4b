public import Display
import Glibc
public import JSONCoding
internal import JupyterWire

/// A front end of a kernel that runs already: it asks, and runs code there. For one thread, but for ``interrupt()``, which
/// is for one other.
public final class KernelClient: @unchecked Sendable {
  /// What a running cell puts out.
  public enum Event: Sendable {
    case text(String, OutputChannel)
    case display(MIMEBundle, id: String?, update: Bool)
    case result(MIMEBundle)
    case error(traceback: [String])
    case clear(wait: Bool)
  }

  /// What other clients of the kernel do.
  public enum News: Sendable {
    case input(code: String, executionCount: Int)
    case event(Event)
  }

  /// How a cell ended.
  public enum Ending: Hashable, Sendable {
    case succeeded
    case failed
    /// The kernel no longer answers.
    case lost
  }

  /// How much of what other clients do is kept until somebody asks: of more, the latest.
  private static let newsLimit = 512
  private static let textLimit = 1 << 16

  /// How long the kernel may say nothing at all, in milliseconds, before it counts as lost.
  private static let patience = 5000

  private let context: SocketContext
  private let shell: Socket
  private let publications: Socket
  private let input: Socket
  private let control: Socket
  /// Of the thread that interrupts.
  private let interrupts: Socket
  private let heartbeat: Socket
  private let encoder: MessageEncoder
  private let decoder: MessageDecoder
  /// A line of its own for what this client runs, so that it need not wait for another client's long cell.
  private var subshell: String?
  private var news: [News] = []
  /// The number of the last cell that any client ran.
  public private(set) var executionCount = 0

  /// Connects, and waits for the kernel to answer.
  /// - Throws: ``ConnectionFileError``, ``KernelServerError``, ``KernelClientError``.
  public init(connectionFile path: String) throws {
    let connection = try ConnectionInfo(file: path)
    encoder = MessageEncoder(key: connection.key, username: "terminal")
    decoder = MessageDecoder(key: connection.key)
    context = try SocketContext()
    // The kernel asks for input under the identity that the request came from.
    let dealer = Socket.Kind.dealer(identity: encoder.session)
    publications = try context.connect(.subscriber, .iopub, connection)
    shell = try context.connect(dealer, .shell, connection)
    control = try context.connect(dealer, .control, connection)
    interrupts = try context.connect(.dealer(identity: encoder.session + "-interrupts"), .control, connection)
    input = try context.connect(dealer, .stdin, connection)
    heartbeat = try context.connect(dealer, .heartbeat, connection)
    guard let info = ask("kernel_info_request", .emptyObject) else {
      close()
      throw KernelClientError.noAnswer(path)
    }
    if info["supported_features"]?.array?.contains("kernel subshells") == true { createSubshell() }
    // Answered also while a cell runs.
    let inputs = ask("history_request", ["hist_access_type": "range", "session": 0, "start": 0, "raw": true])
    executionCount = inputs?["history"]?.array?.last?.array?[1].int ?? 0
  }

  /// Leaves the kernel as it was found. Nothing may be asked afterwards.
  public func close() {
    if let subshell { _ = send(DeleteSubshellRequest.type, ["subshell_id": .string(subshell)], on: control) }
    for socket in [shell, publications, input, control, interrupts, heartbeat] { socket.close() }
    context.terminate()
  }

  private func createSubshell() {
    subshell = ask(CreateSubshellReply.requestType, .emptyObject, on: .control)?["subshell_id"]?.string
  }

  /// The content of the reply to a request; nil when none comes.
  public func ask(_ type: String, _ content: JSONValue) -> JSONValue? { ask(type, content, on: .shell) }

  private func ask(_ type: String, _ content: JSONValue, on asked: ConnectionInfo.Channel) -> JSONValue? {
    let id = send(type, content, on: asked == .control ? control : shell)
    var reply: JSONValue?
    func hear(_ message: IncomingMessage, _ channel: ConnectionInfo.Channel) {
      if channel == asked, message.parentHeader["msg_id"]?.string == id {
        reply = message.content ?? .emptyObject
      }
    }
    wait(until: { reply != nil }, hear)
    return reply
  }

  /// Runs a cell to its end.
  ///
  /// - Parameter answer: a line for a question of the cell; nil gives up.
  public func execute(
    _ code: String, event: (Event) -> Void, answer: (_ prompt: String, _ isPassword: Bool) -> String?
  ) -> Ending {
    if let ending = run(code, event, answer) { return ending }
    // The kernel has been restarted and does not know the subshell.
    createSubshell()
    return run(code, event, answer) ?? .failed
  }

  /// - Returns: nil when the kernel does not know the subshell.
  private func run(
    _ code: String, _ event: (Event) -> Void, _ answer: (_ prompt: String, _ isPassword: Bool) -> String?
  ) -> Ending? {
    let id = send(
      "execute_request",
      [
        "code": .string(code), "silent": false, "store_history": true, "allow_stdin": true,
        "user_expressions": [:],
      ], on: shell, subshell: subshell)
    var status: String?
    var isIdle = false
    var isUnknown = false
    func hear(_ message: IncomingMessage, _ channel: ConnectionInfo.Channel) {
      guard message.parentHeader["msg_id"]?.string == id, let content = message.content else { return }
      switch (channel, message.header.type) {
      case (.shell, _):
        status = content["status"]?.string ?? "error"
        isUnknown = content["ename"]?.string == KernelCore.unknownSubshell
        executionCount = content["execution_count"]?.int ?? executionCount
      case (.stdin, InputRequest.type):
        let line = answer(content["prompt"]?.string ?? "", content["password"]?.bool ?? false)
        reply(line ?? "", to: message)
      case (.iopub, StatusContent.type): isIdle = content["execution_state"]?.string == "idle"
      case (.iopub, ExecutionError.type) where content["ename"]?.string == KernelCore.unknownSubshell: break
      case (.iopub, let type): if let own = Event(type, content) { event(own) }
      default: break
      }
    }
    wait(until: { status != nil && isIdle }, hear)
    guard let status, isIdle else { return .lost }
    if isUnknown { return nil }
    return status == "ok" ? .succeeded : .failed
  }

  /// Interrupts what the kernel runs. Always from the same thread.
  public func interrupt() { _ = send("interrupt_request", .emptyObject, on: interrupts) }

  // MARK: Messages

  /// Can be read when ``takeNews()`` may have something.
  public var newsDescriptor: Int32? { publications.descriptor }

  /// What other clients have done since this was last asked. Of a display's updates, the last.
  public func takeNews() -> [News] {
    while let frames = publications.receive() {
      if let message = try? decoder.decode(frames) { note(message) }
    }
    defer { news = [] }
    return news
  }

  /// Whether a message answers what this client asked.
  private func isOwn(_ message: IncomingMessage) -> Bool {
    message.parentHeader["session"]?.string == encoder.session
  }

  /// Remembers what another client's request brought.
  private func note(_ message: IncomingMessage) {
    guard !isOwn(message), let content = message.content else { return }
    if news.count >= KernelClient.newsLimit { news.removeFirst(news.count / 2) }
    if message.header.type == ExecuteInput.type {
      executionCount = content["execution_count"]?.int ?? executionCount
      news.append(.input(code: content["code"]?.string ?? "", executionCount: executionCount))
    } else if let event = Event(message.header.type, content) {
      note(event)
    }
  }

  private func note(_ event: Event) {
    if case .event(let last)? = news.last, let both = last.joined(with: event, limit: KernelClient.textLimit)
    {
      news[news.count - 1] = .event(both)
    } else {
      news.append(.event(event))
    }
  }

  private func send(
    _ type: String, _ content: JSONValue, on socket: Socket, subshell: String? = nil
  ) -> String {
    var header = encoder.header(type: type)
    header.subshell = subshell
    _ = socket.send(
      encoder.frames(prefix: [], header: header, parent: [], content: content.serializedBytes()))
    return header.id
  }

  private func reply(_ line: String, to request: IncomingMessage) {
    let header = encoder.header(type: InputReply.type)
    let content: JSONValue = ["status": "ok", "value": .string(line)]
    _ = input.send(
      encoder.frames(
        prefix: [], header: header, parent: request.headerBytes, content: content.serializedBytes()))
  }

  /// Hands on what arrives until there is enough, or until the kernel no longer answers.
  private func wait(
    until isEnough: () -> Bool, _ hear: (IncomingMessage, ConnectionInfo.Channel) -> Void
  ) {
    let sockets: [(Socket, ConnectionInfo.Channel)] = [
      (publications, .iopub), (shell, .shell), (input, .stdin), (control, .control),
    ]
    var poller = Poller(sockets: sockets.map(\.0) + [heartbeat], descriptors: [])
    var lastSign = Clock.milliseconds
    while !isEnough() {
      guard poller.wait(500) else { return }
      for (socket, channel) in sockets {
        while let frames = socket.receive() {
          lastSign = Clock.milliseconds
          guard let message = try? decoder.decode(frames) else { continue }
          if channel != .iopub || isOwn(message) { hear(message, channel) } else { note(message) }
        }
      }
      while heartbeat.receive() != nil { lastSign = Clock.milliseconds }
      let silence = Clock.milliseconds - lastSign
      if silence > KernelClient.patience { return }
      if silence > 1000 { _ = heartbeat.send([Array("ping".utf8)]) }
    }
  }
}

extension KernelClient.Event {
  /// What comes to the same as this and the next: the text of both, or a display as it is after its update.
  fileprivate func joined(with next: Self, limit: Int) -> Self? {
    switch (self, next) {
    case (.text(let text, let channel), .text(let more, let same))
    where channel == same && text.utf8.count < limit:
      .text(text + more, channel)
    case (.display(_, let id?, _), .display(_, let same, true)) where id == same: next
    default: nil
    }
  }

  fileprivate init?(_ type: String, _ content: JSONValue) {
    func bundle() -> MIMEBundle {
      var bundle = MIMEBundle(plain: content["data"]?[MIMEType.plain]?.string ?? "")
      for (type, value) in content["data"]?.object ?? [:] {
        bundle[type] = value.string.map(MIMEValue.text) ?? .json(value)
      }
      return bundle
    }
    let id = content["transient"]?["display_id"]?.string
    switch type {
    case StreamContent.type:
      self = .text(
        content["text"]?.string ?? "",
        OutputChannel(rawValue: content["name"]?.string ?? "") ?? .standardOutput)
    case DisplayData.type: self = .display(bundle(), id: id, update: false)
    case UpdateDisplayData.type: self = .display(bundle(), id: id, update: true)
    case ExecuteResult.type: self = .result(bundle())
    case ExecutionError.type:
      self = .error(traceback: (content["traceback"]?.array ?? []).compactMap(\.string))
    case ClearOutput.type: self = .clear(wait: content["wait"]?.bool ?? false)
    default: return nil
    }
  }
}

/// Why a client cannot work.
public enum KernelClientError: Error, Hashable, Sendable, CustomStringConvertible {
  case noAnswer(String)
  case noKernel(folder: String)

  public var description: String {
    switch self {
    case .noAnswer(let path): "the kernel of '\(path)' does not answer; it may have ended"
    case .noKernel(let folder):
      "no kernel runs: there is no connection file in \(folder); start one in JupyterLab, or name its file"
    }
  }
}

extension KernelClient {
  /// The connection file of the kernel that was started last by this user.
  /// - Throws: ``KernelClientError/noKernel(folder:)``.
  public static func latestConnectionFile() throws -> String {
    let folder = JupyterFolders.runtime ?? "."
    var latest: (path: String, time: timespec)?
    if let directory = opendir(folder) {
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name.hasPrefix("kernel-"), name.hasSuffix(".json") else { continue }
        var status = stat()
        guard stat(folder + "/" + name, &status) == 0 else { continue }
        let time = status.st_mtim
        if latest.map({ ($0.time.tv_sec, $0.time.tv_nsec) < (time.tv_sec, time.tv_nsec) }) ?? true {
          latest = (folder + "/" + name, time)
        }
      }
    }
    guard let latest else { throw KernelClientError.noKernel(folder: folder) }
    return latest.path
  }
}
