/// Why a kernelspec could not be installed or removed.
public enum KernelSpecError: Error, Hashable, Sendable, CustomStringConvertible {
  case file(path: String, reason: String)
  case notInstalled(folder: String)
  case noEnvironment
  case noHome
  case invalidName(String)

  init(_ error: FileError) {
    self = .file(path: error.path, reason: error.reason)
  }

  public var description: String {
    switch self {
    case .file(let path, let reason): "\(path): \(reason)"
    case .notInstalled(let folder): "no kernelspec is installed at \(folder)"
    case .noEnvironment: "no virtual environment is active (VIRTUAL_ENV and CONDA_PREFIX are unset)"
    case .noHome: "the home folder is unknown (HOME is unset)"
    case .invalidName(let name): "“\(name)” cannot name a kernel; use letters, digits, “-”, “_” and “.”"
    }
  }
}
