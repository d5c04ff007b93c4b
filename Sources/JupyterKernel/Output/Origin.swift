internal import JupyterWire

/// The request that something answers: captured when the work is taken up and passed along with it, so that output
/// never belongs to whatever request happens to be the latest.
final class Origin: Sendable {
  /// Where replies and questions go.
  let identities: [[UInt8]]
  /// The request's header, the parent header of all that answers it.
  let header: [UInt8]
  private let type: String
  private let arrival = Clock.nanoseconds

  init(_ message: IncomingMessage) {
    identities = message.identities
    header = message.headerBytes
    type = message.header.type
  }

  /// How long it has taken so far, in words for the log.
  var timing: String { "\(type): idle after \((Clock.nanoseconds - arrival) / 1000) µs" }
}
