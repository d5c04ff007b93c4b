internal import JupyterWire

/// The request that something answers: captured when the work is taken up and passed along with it, so that output
/// never belongs to whatever request happens to be the latest.
final class Origin: Sendable {
  /// Where replies and questions go.
  let identities: [[UInt8]]
  /// The request's header, the parent header of all that answers it.
  let header: [UInt8]

  init(_ message: IncomingMessage) {
    identities = message.identities
    header = message.headerBytes
  }
}
