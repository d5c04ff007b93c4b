import Diagnostics
import Display
import Glibc

extension StandardLibrary {
  static func registerFiles(in builder: RegistryBuilder) {
    builder.function(
      "json", [.positional("value", .any)], returns: .string,
      Documentation(
        "A value as JSON text. Numbers read back exactly; nan and infinities are null.",
        example: "json([\"loss\": [0.5, 0.25]])")
    ) { arguments, evaluation in .string(try JSONText(arguments["value"], evaluation).text) }
    builder.function(
      "readCSV", [.positional("file", .string, "path of a file whose first line names the columns")],
      returns: .named("CSVFile"),
      Documentation(
        "A table from a file of comma-separated values; each column is Int, Double, Bool or String.",
        example: "let ages = readCSV(\"people.csv\")[\"age\"]")
    ) { arguments, evaluation in
      let path = try arguments.string("file")
      do {
        let bytes = try FileContents.read(path, isStopped: evaluation.isInterrupted)
        try evaluation.checkInterruption()
        return .object(CSVFile(path: path, try CSVTable(parsing: bytes)))
      } catch let failure as FileContents.Failure {
        throw arguments.problem(
          "file", id: "unreadable-file", "cannot read “\(path)”: \(failure.reason)", hints: failure.hints)
      } catch let failure as CSVTable.Failure {
        throw arguments.problem("file", id: "malformed-file", "\(path):\(failure.line): \(failure.message)")
      }
    }
    builder.type("CSVFile", "A table read by `readCSV`; `table[\"name\"]` is a column as an array.") { type in
      type.property(
        "columns", .array(.string), "The names of the columns.",
        get: { (file: CSVFile, _) in .strings(file.table.columnNames) })
      type.property(
        "count", .int, "The number of rows.", get: { (file: CSVFile, _) in .int(file.table.rowCount) })
      registerSequenceMembers(in: type)
    }
  }
}

/// What `readCSV` gives: columns by name, rows by position, rows as dictionaries when looped over.
public final class CSVFile: HostObject {
  public let path: String
  public let table: DataTable

  init(path: String, _ parsed: CSVTable) {
    self.path = path
    table = DataTable(parsed.columns)
  }

  public var typeName: String { "CSVFile" }
  public var summary: String { "CSVFile, \(table.rowCount) rows, \(table.columns.count) columns" }
  public var mimeBundle: MIMEBundle { table.mimeBundle }
  public var subscriptKeys: [String] { table.columnNames }

  public func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    guard arguments.count == 1, let key = arguments.values.first else { return nil }
    switch key {
    case .string(let name):
      guard let column = table[name] else {
        throw Diagnostic(
          id: "unknown-column", message: "“\(path)” has no column “\(name)”",
          hints: [
            suggestion(for: name, among: table.columnNames).map { "did you mean “\($0)”?" }
              ?? "its columns are \(table.columnNames.prefix(20).map { "“\($0)”" }.joined(separator: ", "))"
          ])
      }
      return .array(column.cells.map(Value.init(cell:)))
    case .int(let row):
      guard row >= 0, row < table.rowCount else {
        throw Diagnostic(
          id: "index-out-of-range", message: "row \(row) is out of range: there are \(table.rowCount) rows")
      }
      return self.row(row)
    default: return nil
    }
  }

  public func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    SequenceIterator((0..<table.rowCount).lazy.map { [self] in row($0) })
  }

  private func row(_ index: Int) -> Value {
    .dictionary(table.columns.map { ($0.name, Value(cell: $0[index])) })
  }
}

extension Value {
  /// A cell of a table; a missing one is nil.
  public init(cell: DataTable.Cell) {
    switch cell {
    case .missing: self = .null
    case .double(let value): self = .double(value)
    case .integer(let value): self = .int(value)
    case .string(let value): self = .string(value)
    case .boolean(let value): self = .bool(value)
    }
  }
}

/// Whole files as bytes.
package enum FileContents {
  package struct Failure: Error {
    package var reason: String
    package var hints: [String] = []
  }

  /// Larger files are refused: what is read becomes values, which take several times the space.
  private static let limit = 1 << 30

  /// - Parameter isStopped: asked between parts; once true, what has been read is given.
  package static func read(_ path: String, isStopped: () -> Bool = { false }) throws(Failure) -> [UInt8] {
    guard !path.utf8.contains(0) else { throw Failure(reason: "the name has a zero byte in it") }
    // Without blocking: neither opening nor reading a pipe may keep an interrupt waiting.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      throw Failure(
        reason: String(cString: strerror(code)), hints: code == ENOENT ? neighbours(of: path) : [])
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw Failure(reason: "it is a folder") }
    guard status.st_size <= limit else { throw Failure(reason: "it is larger than a gigabyte") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while !isStopped() {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, 100)
        continue
      }
      guard count >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
      guard count > 0 else { return bytes }
      guard bytes.count + count <= limit else { throw Failure(reason: "it is larger than a gigabyte") }
      bytes += chunk.prefix(count)
    }
    return bytes
  }

  /// The file of a like name beside the one that is not there.
  private static func neighbours(of path: String) -> [String] {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.last else { return [] }
    let folder = parts.dropLast().joined(separator: "/")
    let names = FolderListing.names(in: folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder)
    return suggestion(for: name, among: names.map(\.name)).map { ["did you mean “\($0)”?"] } ?? []
  }
}

/// The entries of a folder, for suggestions and completion.
package enum FolderListing {
  package static func names(in folder: String, limit: Int = 5_000) -> [(name: String, isFolder: Bool)] {
    guard !folder.utf8.contains(0), let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [(name: String, isFolder: Bool)] = []
    while names.count < limit, let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      var isFolder = entry.pointee.d_type == UInt8(DT_DIR)
      if entry.pointee.d_type == UInt8(DT_LNK) || entry.pointee.d_type == UInt8(DT_UNKNOWN) {
        var status = stat()
        isFolder = stat("\(folder)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      }
      names.append((name, isFolder))
    }
    return names.sorted { $0.name < $1.name }
  }
}
