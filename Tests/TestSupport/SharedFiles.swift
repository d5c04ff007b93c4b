import Foundation

/// The folder of reference files and data sets that tests compare with.
///
/// It is `$INNERLOOP_SHARED`, or `shared` beside the repository. A test that needs it is enabled by
/// `SharedFiles.arePresent` and skipped with `SharedFiles.missing` otherwise.
public enum SharedFiles {
  /// The folder, nil when there is none.
  public static let folder: URL? = {
    let candidate: URL
    if let path = ProcessInfo.processInfo.environment["INNERLOOP_SHARED"], !path.isEmpty {
      candidate = URL(fileURLWithPath: path)
    } else {
      var repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      for _ in 0..<3 { repository.deleteLastPathComponent() }
      candidate = repository.deletingLastPathComponent().appendingPathComponent("shared")
    }
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? candidate : nil
  }()

  public static var arePresent: Bool { folder != nil }

  /// Why a test is skipped.
  public static let missing =
    "no reference files: set INNERLOOP_SHARED, or put the folder `shared` beside the repository"

  /// A file or folder in there, nil when it does not exist.
  public static func url(_ path: String) -> URL? {
    guard let url = folder?.appendingPathComponent(path) else { return nil }
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }
}
