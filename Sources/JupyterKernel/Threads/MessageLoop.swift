/// Letters to the message thread.
enum MessageLetter: Sendable {
  case finished(FinishedWork)
  case stop
}

/// The message thread: owns shell, IOPub and stdin, takes up requests and is the only one that sends output. It never
/// runs code, so that it can always answer.
final class MessageLoop {
  private let sockets: KernelSockets
  private let core: KernelCore
  private let mailbox: Mailbox<MessageLetter>
  private let evaluator: Evaluator
  private let questions: StdinQuestions
  private let publisher: Publisher
  private let requests: ShellRequests

  init(sockets: KernelSockets, core: KernelCore, evaluator: Evaluator, mailbox: Mailbox<MessageLetter>) {
    self.sockets = sockets
    self.core = core
    self.mailbox = mailbox
    self.evaluator = evaluator
    questions = StdinQuestions(socket: sockets.input, core: core)
    publisher = Publisher(socket: sockets.publisher, core: core, questions: questions)
    requests = ShellRequests(socket: sockets.shell, core: core, evaluator: evaluator, publisher: publisher)
  }

  func run() {
    let own = [sockets.shell, sockets.publisher, sockets.input]
    defer { for socket in own { socket.close() } }
    var poller = Poller(sockets: own, descriptors: [mailbox.descriptor, core.queue.descriptor])
    var isStopping = false
    while true {
      core.queue.wakeUp(poller.isReady(4))
      for letter in poller.isReady(3) ? mailbox.take() : [] {
        switch letter {
        case .finished(let work): requests.finish(work)
        case .stop:
          isStopping = true
          requests.abandon(evaluator.takeWaiting())
          requests.abortWaiting()
          core.queue.close()
        }
      }
      if !isStopping { requests.serve() }
      questions.serve()
      var pause: Int?
      switch publisher.serve() {
      case .ended: return
      case .milliseconds(let milliseconds): pause = milliseconds
      case .forever: break
      }
      if let wait = questions.pause { pause = min(pause ?? wait, wait) }
      guard poller.wait(pause) else { return }
    }
  }
}
