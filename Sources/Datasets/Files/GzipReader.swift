import CZlib
import Glibc

/// Reads a file, gzip or plain, from front to back in pieces.
final class GzipReader {
  let path: String
  /// The most bytes that the file can expand to: deflate never does better than 1032 to 1.
  let largestContent: Int
  private var file: gzFile?

  init(_ path: String) throws {
    self.path = path
    let (descriptor, size) = try RegularFile.open(path)
    let (bytes, overflow) = size.multipliedReportingOverflow(by: 1032)
    largestContent = overflow ? Int.max : bytes
    guard let opened = gzdopen(descriptor, "rb") else {
      close(descriptor)
      throw DatasetError.file(path: path, reason: "it cannot be read")
    }
    file = opened
    gzbuffer(opened, 1 << 17)
  }

  deinit { if let file { gzclose(file) } }

  /// Fills the buffer.
  ///
  /// - Parameter expectation: what should be there, for the error of a file that ends before.
  func read(_ buffer: UnsafeMutableRawBufferPointer, _ expectation: @autoclosure () -> String) throws {
    var done = 0
    while done < buffer.count {
      let count = gzread(
        file, buffer.baseAddress?.advanced(by: done), UInt32(min(buffer.count - done, 1 << 20)))
      if count < 0 { throw corrupt() }
      if count == 0 {
        if let problem = problem() { throw DatasetError.file(path: path, reason: problem) }
        throw DatasetError.file(
          path: path,
          reason: "it ends too early: expected \(expectation()), \(buffer.count - done) bytes are missing")
      }
      done += Int(count)
    }
  }

  /// Refuses a file that goes on; also checks the checksum at its end.
  func expectEnd(_ expectation: @autoclosure () -> String) throws {
    var byte: UInt8 = 0
    let count = gzread(file, &byte, 1)
    if count < 0 { throw corrupt() }
    guard count == 0 else {
      throw DatasetError.file(path: path, reason: "it goes on after \(expectation())")
    }
    if let problem = problem() { throw DatasetError.file(path: path, reason: problem) }
  }

  private func corrupt() -> DatasetError {
    .file(path: path, reason: problem() ?? "it is corrupt")
  }

  /// What zlib complains about.
  private func problem() -> String? {
    var code: Int32 = 0
    guard let message = gzerror(file, &code), code != Z_OK, code != Z_STREAM_END else { return nil }
    let text = String(cString: message)
    return code == Z_BUF_ERROR ? "it is truncated" : "it is corrupt (\(text))"
  }
}
