import Glibc

/// Opens files without trusting what is behind a name.
enum RegularFile {
  /// A descriptor to read from, which the caller closes, and the file's size in bytes.
  ///
  /// - Throws: ``DatasetError/file(path:reason:)`` for what is missing, may not be read, or is a folder, a pipe or a device.
  static func open(_ path: String) throws -> (descriptor: Int32, size: Int) {
    // Without blocking: opening a pipe must not wait for a writer.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw DatasetError.file(path: path, reason: String(cString: strerror(errno)).lowercased())
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw DatasetError.file(path: path, reason: "it is not a regular file")
    }
    return (descriptor, Int(status.st_size))
  }

  /// The bytes of a file.
  ///
  /// - Parameter limit: a larger file is refused before it is read.
  static func read(_ path: String, limit: Int) throws -> [UInt8] {
    let (descriptor, size) = try open(path)
    defer { close(descriptor) }
    guard size <= limit else {
      throw DatasetError.file(
        path: path, reason: "it has \(size) bytes, where at most \(limit) are expected")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    var filled = 0
    while filled < size {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
      }
      guard count > 0 else {
        throw DatasetError.file(path: path, reason: "it ends after \(filled) of its \(size) bytes")
      }
      filled += count
    }
    return bytes
  }
}
