internal import JSONCoding
internal import JupyterWire
internal import Logging

/// stdin: asks the client that runs a cell for the line the cell waits for. Message thread.
final class StdinQuestions {
  /// How long a question waits for its client's stdin connection, in milliseconds.
  static let connectionTime = 5_000

  private let input: Socket
  private let core: KernelCore
  private var question: Question?
  private var questionHeader: MessageHeader?
  private var questionDeadline: Int?

  init(socket: Socket, core: KernelCore) {
    input = socket
    self.core = core
  }

  /// How long, in milliseconds, until it is to be tried again to send a question; nil when none waits for that.
  var pause: Int? { questionDeadline.map { _ in 10 } }

  /// Reads answers, and tries again to send a question whose client was not there.
  func serve() {
    readInput()
    if questionDeadline != nil { sendQuestion() }
  }

  /// Asks; what has been asked before is forgotten.
  func begin(_ question: Question) {
    while input.receive() != nil {}  // answers to questions nobody asks any more
    self.question = question
    questionHeader = core.encoder.header(type: InputRequest.type)
    questionDeadline = Clock.milliseconds + StdinQuestions.connectionTime
    sendQuestion()
  }

  /// Sends the question; tries again later while the client's stdin is not connected yet.
  private func sendQuestion() {
    guard let question, let header = questionHeader, let deadline = questionDeadline, !question.isSettled
    else {
      endQuestion()
      return
    }
    let request = InputRequest(prompt: question.prompt, isPassword: question.isPassword)
    let frames = core.encoder.frames(
      prefix: question.origin.identities, header: header, parent: question.origin.header,
      content: request.content.serializedBytes())
    if input.send(frames) != .unreachable {
      questionDeadline = nil
    } else if Clock.milliseconds > deadline {
      question.settle(.failure(.unavailable))
      endQuestion()
    }
  }

  private func endQuestion() {
    (question, questionHeader, questionDeadline) = (nil, nil, nil)
  }

  private func readInput() {
    while let frames = input.receive() {
      guard let message = core.decode(frames, from: "stdin") else { continue }
      guard let question, !question.isSettled, message.header.type == InputReply.type,
        message.identities == question.origin.identities, isAnswer(message.parentHeader)
      else {
        core.logger.debug("stdin: a \(message.header.type) that nobody waits for")
        continue
      }
      guard let content = message.content, let reply = try? InputReply(content: content) else {
        core.logger.warning("stdin: an answer without a text")
        continue
      }
      question.settle(.success(reply.value))
      endQuestion()
    }
  }

  /// Whether a reply's parent is the question asked; clients may leave it empty.
  private func isAnswer(_ parent: JSONValue) -> Bool {
    guard let id = parent["msg_id"]?.string else { return true }
    return id == questionHeader?.id
  }
}
