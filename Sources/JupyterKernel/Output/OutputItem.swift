internal import Display

/// What the message thread is to do next, in the order the kernel produced it.
enum OutputItem: Sendable {
  /// Printed text; grows while it waits.
  case stream(origin: Origin, channel: OutputChannel, text: String)
  case publication(Publication)
  case question(Question)

  var size: Int {
    switch self {
    case .stream(_, _, let text): text.utf8.count + 512
    case .publication(let publication): publication.size
    case .question: 512
    }
  }
}
