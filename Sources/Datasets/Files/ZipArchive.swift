import CZip

/// A zip file whose entries are read in place; nothing is unpacked, so that no name in it reaches the file system. One
/// thread.
final class ZipArchive {
  struct Entry: Sendable {
    let name: String
    let index: UInt64
    let size: Int
  }

  let path: String
  private let handle: OpaquePointer

  /// - Throws: ``DatasetError/file(path:reason:)``.
  init(_ path: String) throws {
    var code: Int32 = 0
    guard let handle = zip_open(path, ZIP_RDONLY, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw DatasetError.file(
        path: path, reason: "it cannot be read as a zip file: \(String(cString: zip_error_strerror(&error)))")
    }
    self.path = path
    self.handle = handle
  }

  deinit { zip_discard(handle) }

  /// What the file says is in it.
  func entries() throws -> [Entry] {
    let count = zip_get_num_entries(handle, 0)
    return try (0..<UInt64(max(count, 0))).map { index in
      var status = zip_stat_t()
      guard zip_stat_index(handle, index, 0, &status) == 0, let name = status.name else {
        throw failure("its table of contents")
      }
      return Entry(name: String(cString: name), index: index, size: Int(clamping: status.size))
    }
  }

  /// The bytes of an entry, whose size the table of contents has told.
  ///
  /// - Parameter limit: a larger entry is refused before it is read.
  func read(_ entry: Entry, limit: Int) throws -> [UInt8] {
    guard entry.size <= limit else {
      throw DatasetError.file(
        path: path, reason: "\(entry.name) has \(entry.size) bytes, where at most \(limit) are expected")
    }
    guard let file = zip_fopen_index(handle, entry.index, 0) else { throw failure(entry.name) }
    defer { zip_fclose(file) }
    var bytes = [UInt8](repeating: 0, count: entry.size)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        zip_fread(file, buffer.baseAddress.map { $0 + filled }, UInt64(buffer.count - filled))
      }
      guard count > 0 else { throw failure(entry.name) }
      filled += Int(count)
    }
    // The checksum is compared when the end is read.
    var beyond: UInt8 = 0
    guard zip_fread(file, &beyond, 1) == 0 else { throw failure(entry.name) }
    return bytes
  }

  private func failure(_ what: String) -> DatasetError {
    .file(path: path, reason: "\(what) cannot be read: it is damaged, cut off or encrypted")
  }
}
