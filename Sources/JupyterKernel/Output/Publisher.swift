internal import Display
internal import JSONCoding
internal import JupyterWire
internal import Logging

/// IOPub: takes what is to be told to everybody from the queue and sends it. Message thread.
final class Publisher {
  private let socket: Socket
  private let core: KernelCore
  private let questions: StdinQuestions
  private let topic: String

  /// Taken from the queue, not yet sent; `next` is the first.
  private var taken: [OutputItem] = []
  private var next = 0
  /// When the socket began to be full; `nil` while it is not.
  private var fullSince: Int?
  /// When a message was last sent past the subscriber that is full; `nil` while output waits for it.
  private var lastLossy: Int?
  private var hasGreeted = false

  init(socket: Socket, core: KernelCore, questions: StdinQuestions) {
    self.socket = socket
    self.core = core
    self.questions = questions
    topic = "kernel.\(core.encoder.session)."
  }

  /// How long there is nothing to do here unless the queue wakes the thread.
  enum Pause {
    case forever
    case milliseconds(Int)
    /// Nothing more will come.
    case ended
  }

  /// How long sending may keep the thread from requests, in milliseconds.
  private static let turn = 10

  /// Welcomes new subscribers and sends what there is; not more than can be sent in one turn, unless `all` is asked for.
  func serve(all: Bool = false) -> Pause {
    let end = all ? Int.max : Clock.milliseconds + Publisher.turn
    while true {
      greet()
      sendTaken(until: end)
      if next < taken.count { return .milliseconds(fullSince == nil ? 0 : 1) }
      if Clock.milliseconds >= end { return .milliseconds(0) }
      switch core.queue.take() {
      case .items(let items): (taken, next) = (items, 0)
      case .nothing(let pause): return pause.map { .milliseconds($0) } ?? .forever
      case .ended: return .ended
      }
    }
  }

  private func sendTaken(until end: Int) {
    while next < taken.count {
      if next & 63 == 63, Clock.milliseconds >= end { return }
      let item = taken[next]
      switch item {
      case .stream(let origin, let channel, let text):
        guard send(Publication(StreamContent(name: channel.rawValue, text: text), for: origin)) else {
          return
        }
      case .publication(let publication):
        guard send(publication) else { return }
        if publication.isIdle, let origin = publication.origin { core.logger.debug("\(origin.timing)") }
      case .question(let question):
        questions.begin(question)
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
    guard socket.send(frames) == .full else {
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
    try? socket.setNoDrop(false)
    _ = socket.send(frames)
    try? socket.setNoDrop(true)
    return true
  }

  /// Welcomes new subscribers.
  private func greet() {
    while let frames = socket.receive() {
      guard let frame = frames.first, frame.first == 1 else { continue }
      let topic = Array(frame.dropFirst())
      // Every subscriber to a beginning of the topic gets the welcome, and would take this one for the end of the topics.
      if topic == JupyterProtocol.delimiter { continue }
      let welcome = Welcome(subscription: String(decoding: topic, as: UTF8.self))
      core.queue.publish(Publication(welcome, for: nil, topic: topic))
      if !hasGreeted {
        hasGreeted = true
        core.queue.publish(Publication(StatusContent.starting, for: nil))
      }
    }
  }
}
