import Foundation
import Testing

/// Compares text with a file below `Tests/Snapshots`; `INNERLOOP_RECORD_SNAPSHOTS=1` writes the file instead.
public func expectSnapshot(
  _ text: String, _ name: String, location: SourceLocation = #_sourceLocation
) throws {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Snapshots").appendingPathComponent(name)
  let content = text.hasSuffix("\n") ? text : text + "\n"
  if ProcessInfo.processInfo.environment["INNERLOOP_RECORD_SNAPSHOTS"] == "1" {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: file)
    return
  }
  let expected = try? String(contentsOf: file, encoding: .utf8)
  #expect(
    content == expected, "\(name) differs; INNERLOOP_RECORD_SNAPSHOTS=1 records it", sourceLocation: location)
}
