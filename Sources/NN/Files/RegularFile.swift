import Glibc

/// An open file, read at given places. Directories, pipes and devices are refused.
final class RegularFile {
  let path: String
  let size: Int
  private let descriptor: Int32

  init(reading path: String) throws {
    self.path = path
    try checkName(path)
    // Without blocking: opening a pipe must not wait for a writer.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw NNError.file(path: path, reason: systemMessage()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = systemMessage()
      close(descriptor)
      throw NNError.file(path: path, reason: reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw NNError.file(path: path, reason: "it is not a regular file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills the buffer from a place on; false if the file ends before, or cannot be read.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }
}

/// Writes a file whole or not at all: under another name in the same folder, to disk, and then renamed.
package func writeAtomically(
  _ path: String, _ body: (_ write: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
) throws {
  try checkName(path)
  let temporary = "\(path).\(getpid()).\(UInt64.random(in: 0...UInt64.max)).partial"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw NNError.file(path: path, reason: systemMessage()) }
  var isOpen = true
  do {
    try body { bytes in
      var done = 0
      while done < bytes.count {
        let count = write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw NNError.file(path: path, reason: systemMessage()) }
        done += count
      }
    }
    guard fsync(descriptor) == 0 else { throw NNError.file(path: path, reason: systemMessage()) }
    isOpen = false
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      throw NNError.file(path: path, reason: systemMessage())
    }
  } catch {
    if isOpen { close(descriptor) }
    unlink(temporary)
    throw error
  }
}

/// Removes what writes of a file left behind whose process was killed; for a folder that no other process writes to.
package func removeAbandonedWrites(of name: String, in folder: String) {
  guard let entries = opendir(folder) else { return }
  defer { closedir(entries) }
  while let entry = readdir(entries) {
    let found = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
    }
    if found.hasPrefix("\(name)."), found.hasSuffix(".partial") { unlink("\(folder)/\(found)") }
  }
}

/// The system would read the name only up to a zero byte.
private func checkName(_ path: String) throws {
  guard !path.utf8.contains(0) else {
    throw NNError.file(path: path, reason: "the name has a zero byte in it")
  }
}

/// What the last system call says went wrong.
private func systemMessage() -> String {
  String(cString: strerror(errno)).lowercased()
}
