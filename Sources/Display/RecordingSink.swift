public import JSONCoding
import Synchronization

/// Keeps what is written and shown, in order, to be written and shown elsewhere. Progress lines are left out, and there is
/// nobody to ask.
public final class RecordingSink: OutputSink {
  private let events = Mutex<[JSONValue]>([])

  public init() {}

  /// What has been written and shown so far; ``play(_:on:)`` takes it.
  public var record: [JSONValue] { events.withLock { $0 } }

  public func write(_ text: String, to channel: OutputChannel) {
    add(["channel": .string(channel.rawValue), "text": .string(text)])
  }

  public func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    guard !bundle.isProgress else { return }
    add([
      "data": bundle.dataJSON, "metadata": bundle.metadataJSON, "id": id.map { .string($0) } ?? .null,
      "update": .bool(update),
    ])
  }

  public func clearOutput(wait: Bool) { add(["clear": .bool(wait)]) }
  public func readLine(prompt: String, isPassword: Bool) throws -> String? { throw InputError.unavailable }
  public var isInteractive: Bool { false }

  private func add(_ event: JSONValue) { events.withLock { $0.append(event) } }

  /// Writes and shows on `sink` what another one has kept.
  public static func play(_ record: [JSONValue], on sink: any OutputSink) {
    for event in record {
      if let text = event["text"]?.string {
        sink.write(text, to: event["channel"]?.string.flatMap(OutputChannel.init) ?? .standardOutput)
      } else if let data = event["data"] {
        sink.display(
          MIMEBundle(json: data, metadata: event["metadata"]), id: event["id"]?.string,
          update: event["update"]?.bool ?? false)
      } else {
        sink.clearOutput(wait: event["clear"]?.bool ?? false)
      }
    }
  }
}
