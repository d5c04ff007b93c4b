import Glibc

/// The contents of a folder, sorted by name, so that the order is the same on every file system. Hidden entries are
/// left out.
enum Folder {
  /// - Throws: ``DatasetError/file(path:reason:)`` for what is missing, is no folder or may not be read.
  private static func names(_ path: String) throws -> [String] {
    guard let handle = opendir(path) else {
      throw DatasetError.file(path: path, reason: String(cString: strerror(errno)).lowercased())
    }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names of the folders in a folder.
  static func folders(in path: String) throws -> [String] {
    try names(path).filter { isFolder("\(path)/\($0)") }
  }

  /// The names of the PNG and JPEG files in a folder, by their endings.
  static func images(in path: String) throws -> [String] {
    try names(path).filter { name in
      let lower = name.lowercased()
      return [".png", ".jpg", ".jpeg"].contains { lower.hasSuffix($0) } && !isFolder("\(path)/\(name)")
    }
  }
}
