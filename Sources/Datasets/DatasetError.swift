/// A data file that cannot be used, or settings that make no data; `description` says which and why.
public enum DatasetError: Error, Sendable, CustomStringConvertible {
  case file(path: String, reason: String)
  case argument(type: String, reason: String)

  public var description: String {
    switch self {
    case .file(let path, let reason): "\(path): \(reason)"
    case .argument(let type, let reason): "\(type): \(reason)"
    }
  }
}
