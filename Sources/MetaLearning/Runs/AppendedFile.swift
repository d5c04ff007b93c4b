import Glibc

/// A file that grows at its end.
final class AppendedFile {
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else { throw systemError(path) }
  }

  deinit { close(descriptor) }

  func append(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw systemError(path) }
      rest = rest.dropFirst(count)
    }
  }
}

/// What the last system call says went wrong with a file.
func systemError(_ path: String) -> LearningError {
  .checkpoint(path: path, reason: String(cString: strerror(errno)).lowercased())
}
