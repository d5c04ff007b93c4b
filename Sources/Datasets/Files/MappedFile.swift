import Glibc

/// A file's bytes in the address space, read from the disk where they are looked at: for files that are larger than what
/// is taken from them. Any thread may read.
final class MappedFile: @unchecked Sendable {
  let path: String
  /// Looking at them ends the process if another program cuts the file meanwhile: ``read(_:)`` takes what is looked at
  /// later.
  let bytes: UnsafeRawBufferPointer
  private let descriptor: Int32

  /// - Throws: ``DatasetError/file(path:reason:)``.
  init(_ path: String) throws {
    let (descriptor, size) = try RegularFile.open(path)
    self.path = path
    self.descriptor = descriptor
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      defer { close(descriptor) }
      throw DatasetError.file(path: path, reason: String(cString: strerror(errno)).lowercased())
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  /// A copy of some of the bytes, as the file has them now.
  ///
  /// - Throws: ``DatasetError/file(path:reason:)`` when the file has been cut meanwhile, or cannot be read.
  func read(_ place: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: place.count) { buffer, count in
      while count < place.count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + count }, place.count - count, place.lowerBound + count)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          throw DatasetError.file(
            path: path,
            reason: got == 0
              ? "it was cut off while it was being read" : String(cString: strerror(errno)).lowercased())
        }
        count += got
      }
    }
  }

  deinit {
    close(descriptor)
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }
}
