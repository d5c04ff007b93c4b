internal import JSONCoding
internal import JupyterWire

/// A reply to be sent.
struct Answer {
  let type: String
  let content: JSONValue

  init(_ content: some SentContent) {
    type = Swift.type(of: content).type
    self.content = content.content
  }

  /// A refusal of a request; `nil` for messages that expect no reply.
  init?(refusing type: String, _ name: String, _ value: String) {
    self.init(refusing: type, ErrorReply(name: name, value: value))
  }

  init?(refusing type: String, _ reason: ErrorReply) {
    guard let reply = ErrorReply.type(answering: type) else { return nil }
    self.type = reply
    content = reason.content
  }
}

extension KernelCore {
  /// Serves a request from busy to idle. What `body` throws becomes an error reply.
  ///
  /// - Parameter endsLater: whether the reply comes from elsewhere, and idle after it.
  func serve(
    _ message: IncomingMessage, on socket: Socket, endsLater: () -> Bool = { false },
    _ body: (JSONValue, Origin) throws(ContentError) -> Answer?
  ) {
    let origin = Origin(message)
    let type = message.header.type
    publish(.busy, for: origin)
    let answer: Answer?
    if let content = message.content {
      do throws(ContentError) {
        answer = try body(content, origin)
      } catch {
        logger.warning("\(type): \(error)")
        answer = Answer(refusing: type, "InvalidRequest", "\(error)")
      }
    } else {
      answer = Answer(refusing: type, "MessageTooLarge", KernelCore.tooLarge)
    }
    if let answer { reply(answer.type, answer.content, to: origin, on: socket) }
    if !endsLater() { publish(.idle, for: origin) }
  }

  /// The answer to a request of a kind this kernel does not serve.
  func unknown(_ type: String) -> Answer? {
    logger.debug("a message of unknown type \(type)")
    return Answer(refusing: type, "UnknownRequest", "this kernel does not serve \(type)")
  }

  /// Why a request that names a subshell which does not exist is refused.
  static func noSubshell(_ id: String) -> ErrorReply {
    ErrorReply(name: unknownSubshell, value: "there is no subshell “\(id)”")
  }

  static let unknownSubshell = "UnknownSubshell"

  static let tooLarge =
    "the message is larger than the \(MessageDecoder.contentLimit >> 20) MB this kernel reads"
}
