import Foundation

/// A new folder that goes with its owner.
final class TemporaryFolder {
  let path = "\(NSTemporaryDirectory())/innerloop-\(UUID().uuidString)"

  init() {
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
