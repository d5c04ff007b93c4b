internal import JSONCoding
internal import JupyterWire
internal import Logging
internal import Synchronization

/// What all threads of a kernel share. Every part may be used from any thread.
final class KernelCore: Sendable {
  let host: any LanguageHost
  let encoder: MessageEncoder
  let decoder: MessageDecoder
  let queue: OutputQueue
  let interruption: Interruption
  let comms = CommTable()
  let subshells = Subshells()
  let logger: Logger
  /// How long a subscriber may read nothing before output no longer waits for it, in milliseconds.
  let patience: Int
  /// Why the kernel is to end, once it is known.
  let end = Monitor<KernelEnd?>(nil)
  private let debugSequence = Atomic(0)

  init(host: any LanguageHost, key: [UInt8], logger: Logger, patience: Int) throws(KernelServerError) {
    self.host = host
    self.patience = patience
    self.logger = logger
    encoder = MessageEncoder(key: key)
    decoder = MessageDecoder(key: key)
    queue = try OutputQueue()
    interruption = Interruption(host: host, queue: queue)
  }

  /// The message in the frames; one that is not to be obeyed costs a log line and nothing else.
  func decode(_ frames: [[UInt8]], from channel: String) -> IncomingMessage? {
    do {
      return try decoder.decode(frames)
    } catch {
      logger.warning("\(channel): ignored \(error)")
      return nil
    }
  }

  /// Tells every client about a request.
  func publish(_ status: StatusContent, for origin: Origin) {
    queue.publish(Publication(status, for: origin))
  }

  /// Tells every client what a debugger should know.
  func publish(_ event: DebugEvent, for origin: Origin?) {
    var event = event
    event.sequence = nextDebugSequence()
    queue.publish(Publication(event, for: origin))
  }

  /// Numbers the debugger's events and responses from 1.
  func nextDebugSequence() -> Int { debugSequence.wrappingAdd(1, ordering: .relaxed).newValue }

  /// Sends a reply to the client that asked.
  func reply(
    _ type: String, _ content: JSONValue, metadata: JSONValue = .emptyObject, to origin: Origin,
    on socket: Socket
  ) {
    let frames = encoder.frames(
      prefix: origin.identities, header: encoder.header(type: type), parent: origin.header,
      metadata: metadata, content: content.serializedBytes())
    _ = socket.send(frames)
  }

  /// Begins the end of the kernel; the first reason counts.
  func end(_ reason: KernelEnd) {
    end.update { if $0 == nil { $0 = reason } }
  }
}

/// Why a kernel ends.
package enum KernelEnd: Hashable, Sendable {
  case shutdown(restart: Bool)
  case parentDied
  case terminated

  var restarts: Bool { self == .shutdown(restart: true) }
}
