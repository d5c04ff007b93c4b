import Glibc

/// Why a table or a plot could not be written.
public struct SaveError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "cannot save \"\(path)\": \(reason)" }

  static func unknownExtension(_ found: String, path: String, known: [String]) -> SaveError {
    let list = known.map { "." + $0 }.joined(separator: ", ")
    return SaveError(
      path: path,
      reason: found.isEmpty
        ? "the name needs an extension, one of \(list)" : "unknown extension .\(found); use one of \(list)")
  }
}

/// Writes a file so that a reader sees either the old one or the whole new one.
enum SavedFile {
  /// The extension of a path's last component in lower case, without the dot; empty if it has none.
  static func fileExtension(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Writes to a temporary file beside the target, then renames it.
  static func write(_ text: String, to path: String) throws(SaveError) {
    func failure(_ action: String) -> SaveError {
      SaveError(path: path, reason: "\(action): \(String(cString: strerror(errno)))")
    }
    if path.utf8.contains(0) { throw SaveError(path: path, reason: "the path has a zero character in it") }
    // A symbolic link stays one: its target is replaced.
    var target = path
    if let resolved = realpath(path, nil) {
      target = String(cString: resolved)
      free(resolved)
    }
    var existing = stat()
    let exists = stat(target, &existing) == 0
    if exists && existing.st_mode & S_IFMT == S_IFDIR {
      throw SaveError(path: path, reason: "it is a folder")
    }
    let temporary = target + "." + String(UInt64.random(in: .min ... .max), radix: 36) + ".tmp"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if file < 0 { throw failure("its folder cannot be written") }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 {
        let error = failure("writing failed")
        close(file)
        unlink(temporary)
        throw error
      }
      rest = rest.dropFirst(count)
    }
    if exists { fchmod(file, existing.st_mode & 0o777) }
    if close(file) != 0 || rename(temporary, target) != 0 {
      let error = failure("writing failed")
      unlink(temporary)
      throw error
    }
  }
}
