import Glibc

/// Small files in which the kernel tells something.
enum SystemFile {
  static func contents(of path: String) -> String? {
    let file = open(path, O_RDONLY)
    if file < 0 { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }

  /// The number in the file's first line; nil for a word such as "max".
  static func number(in path: String) -> Int? {
    guard let text = contents(of: path) else { return nil }
    return Int(text.split(separator: "\n").first ?? "")
  }
}
