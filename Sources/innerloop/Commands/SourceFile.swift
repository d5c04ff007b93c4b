import ArgumentParser
import Foundation

/// Reads scripts.
enum SourceFile {
  /// - Throws: exit status 1 after a sentence on standard error, when the file cannot be read.
  static func read(_ path: String) throws -> Data {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      FileHandle.standardError.write(Data("\(path): error: cannot be read: it is a folder\n".utf8))
      throw ExitCode(1)
    }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let reason = String(cString: strerror(errno))
      let what =
        FileManager.default.fileExists(atPath: path) ? "cannot be read: \(reason)" : "there is no such file"
      FileHandle.standardError.write(Data("\(path): error: \(what)\n".utf8))
      throw ExitCode(1)
    }
  }
}
