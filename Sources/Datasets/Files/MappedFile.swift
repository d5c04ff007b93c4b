import Glibc

/// A file's bytes in the address space, read from the disk where they are looked at: for files that are larger than what
/// is taken from them. Any thread may read.
final class MappedFile: @unchecked Sendable {
  let path: String
  let bytes: UnsafeRawBufferPointer

  /// - Throws: ``DatasetError/file(path:reason:)``.
  init(_ path: String) throws {
    let (descriptor, size) = try RegularFile.open(path)
    defer { close(descriptor) }
    self.path = path
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw DatasetError.file(path: path, reason: String(cString: strerror(errno)).lowercased())
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  deinit {
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }
}
