import Glibc

/// A system call on a file that failed.
struct FileError: Error {
  let path: String
  let code: Int32

  init(_ path: String) {
    self.path = path
    code = errno
  }

  init(_ path: String, code: Int32) {
    self.path = path
    self.code = code
  }

  /// The system's words, as `No such file or directory`.
  var reason: String { String(cString: strerror(code)) }
}

/// The bytes of a file no longer than a limit.
func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError(path) }
  defer { close(descriptor) }
  var contents: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 14)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw FileError(path) }
    if count == 0 { return contents }
    contents.append(contentsOf: chunk[..<count])
    guard contents.count <= limit else { throw FileError(path, code: EFBIG) }
  }
}

/// Writes a new file, or one whose earlier contents are dropped.
func writeFile(_ path: String, _ bytes: [UInt8]) throws(FileError) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw FileError(path) }
  defer { close(descriptor) }
  var written = 0
  while written < bytes.count {
    let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw FileError(path) }
    written += count
  }
}

/// Makes a folder and those above it.
func makeFolder(_ path: String) throws(FileError) {
  var parent = path[...]
  if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
  guard errno == ENOENT, let slash = parent.lastIndex(of: "/"), slash != parent.startIndex else {
    throw FileError(path)
  }
  parent = path[..<slash]
  try makeFolder(String(parent))
  guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw FileError(path) }
}

/// The names in a folder, without `.` and `..`.
func namesInFolder(_ path: String) throws(FileError) -> [String] {
  guard let folder = opendir(path) else { throw FileError(path) }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// Removes a folder that holds files only.
func removeFlatFolder(_ path: String) throws(FileError) {
  for name in try namesInFolder(path) {
    guard unlink("\(path)/\(name)") == 0 else { throw FileError("\(path)/\(name)") }
  }
  guard rmdir(path) == 0 else { throw FileError(path) }
}
