import Foundation
import Testing

/// Compares text with a file in `Snapshots/` beside this one. `INNERLOOP_RECORD=1 swift test` writes the files anew.
func expectSnapshot(_ text: String, named name: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots")
  let file = folder.appendingPathComponent(name + ".txt")
  if ProcessInfo.processInfo.environment["INNERLOOP_RECORD"] != nil {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data((text + "\n").utf8).write(to: file)
    } catch {
      Issue.record("cannot write \(file.path): \(error)", sourceLocation: sourceLocation)
    }
    return
  }
  let stored = (try? String(contentsOf: file, encoding: .utf8)) ?? "(no such snapshot)\n"
  #expect(text + "\n" == stored, "snapshot \(name)", sourceLocation: sourceLocation)
}
