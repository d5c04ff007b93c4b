import Glibc

/// Why the kernel could not start.
public enum KernelServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A system call failed.
  case system(String, Int32)
  /// A ZeroMQ call failed; with its words.
  case socket(String, String)
  /// A socket could not listen at its address.
  case bind(address: String, reason: String)
  case threadRefused(String)

  public var description: String {
    switch self {
    case .system(let call, let code): "the kernel cannot start: \(call): \(String(cString: strerror(code)))"
    case .socket(let call, let reason): "the kernel cannot start: \(call): \(reason)"
    case .bind(let address, let reason): "the kernel cannot listen at \(address): \(reason)"
    case .threadRefused(let name): "the kernel cannot start: the system refuses the \(name) thread"
    }
  }
}
