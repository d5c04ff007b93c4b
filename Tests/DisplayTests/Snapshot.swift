import Foundation
import Testing

/// Compares text with a file under `Tests/Snapshots/Display`; `INNERLOOP_RECORD_SNAPSHOTS=1` writes the file instead.
func expectSnapshot(
  _ text: String, _ name: String, filePath: String = #filePath, location: SourceLocation = #_sourceLocation
) throws {
  let folder = URL(fileURLWithPath: filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Snapshots/Display")
  let file = folder.appendingPathComponent(name)
  let content = text.hasSuffix("\n") ? text : text + "\n"
  if ProcessInfo.processInfo.environment["INNERLOOP_RECORD_SNAPSHOTS"] == "1" {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(content.utf8).write(to: file)
    return
  }
  let expected = try? String(contentsOf: file, encoding: .utf8)
  #expect(
    content == expected, "\(name) differs; INNERLOOP_RECORD_SNAPSHOTS=1 records it", sourceLocation: location)
}

/// A folder that is removed when the body ends.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = NSTemporaryDirectory() + "display-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}
