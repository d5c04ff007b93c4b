internal import Display
internal import JSONCoding
internal import JupyterWire
internal import Logging

/// The io thread: owns IOPub and stdin and is the only one that sends output.
final class IOLoop {
  /// How long a question waits for its client's stdin connection, in milliseconds.
  static let connectionTime = 5_000

  private let publisher: Socket
  private let input: Socket
  private let core: KernelCore
  private var poller: Poller
  private let topic: String

  /// Taken from the queue, not yet sent; `next` is the first.
  private var taken: [OutputItem] = []
  private var next = 0
  /// When the publisher began to be full; `nil` while it is not.
  private var fullSince: Int?
  /// When a message was last sent past the subscriber that is full; `nil` while output waits for it.
  private var lastLossy: Int?
  private var hasGreeted = false

  private var question: Question?
  private var questionHeader: MessageHeader?
  private var questionDeadline: Int?

  init(publisher: Socket, input: Socket, core: KernelCore) {
    self.publisher = publisher
    self.input = input
    self.core = core
    poller = Poller(sockets: [publisher, input], descriptors: [core.queue.descriptor])
    topic = "kernel.\(core.encoder.session)."
  }

  func run() {
    defer {
      publisher.close()
      input.close()
    }
    while true {
      let supply = next < taken.count ? nil : core.queue.take()
      switch supply {
      case .items(let items):
        (taken, next) = (items, 0)
        sendTaken()
        greet()
        readInput()
        continue
      case .ended: return
      case .nothing, nil: break
      }
      var pause: Int?
      if case .nothing(let milliseconds) = supply { pause = milliseconds }
      if fullSince != nil { pause = 1 }
      if questionDeadline != nil { pause = min(pause ?? 10, 10) }
      guard poller.wait(pause) else { return }
      greet()
      readInput()
      if questionDeadline != nil { sendQuestion() }
      sendTaken()
    }
  }

  // MARK: IOPub

  private func sendTaken() {
    while next < taken.count {
      let item = taken[next]
      switch item {
      case .stream(let origin, let channel, let text):
        guard send(Publication(StreamContent(name: channel.rawValue, text: text), for: origin)) else {
          return
        }
      case .publication(let publication):
        guard send(publication) else { return }
      case .question(let question):
        begin(question)
      }
      core.queue.finished(size: item.size)
      next += 1
    }
    (taken, next) = ([], 0)
  }

  /// Sends to every subscriber; false when one of them is full and there is still hope for it.
  private func send(_ publication: Publication) -> Bool {
    let frames = core.encoder.frames(
      prefix: [publication.topic ?? Array((topic + publication.type).utf8)],
      header: core.encoder.header(type: publication.type), parent: publication.origin?.header ?? [],
      metadata: publication.metadata, content: publication.content)
    guard publisher.send(frames) == .full else {
      fullSince = nil
      lastLossy = nil
      return true
    }
    let now = Clock.milliseconds
    let since = fullSince ?? now
    fullSince = since
    guard now - since >= core.patience else { return false }
    // The subscriber is taken for dead: messages go to the others only, until it reads again. ZeroMQ does not say
    // which one is full, so one message a millisecond keeps those that read far from becoming so.
    if lastLossy == nil { core.logger.warning("a subscriber reads nothing and loses output") }
    if lastLossy == now { return false }
    lastLossy = now
    try? publisher.setNoDrop(false)
    _ = publisher.send(frames)
    try? publisher.setNoDrop(true)
    return true
  }

  /// Welcomes new subscribers.
  private func greet() {
    while let frames = publisher.receive() {
      guard let frame = frames.first, frame.first == 1 else { continue }
      let topic = Array(frame.dropFirst())
      let welcome = Welcome(subscription: String(decoding: topic, as: UTF8.self))
      core.queue.publish(Publication(welcome, for: nil, topic: topic))
      if !hasGreeted {
        hasGreeted = true
        core.queue.publish(Publication(StatusContent.starting, for: nil))
      }
    }
  }

  // MARK: stdin

  private func begin(_ question: Question) {
    while input.receive() != nil {}  // answers to questions nobody asks any more
    self.question = question
    questionHeader = core.encoder.header(type: InputRequest.type)
    questionDeadline = Clock.milliseconds + IOLoop.connectionTime
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
