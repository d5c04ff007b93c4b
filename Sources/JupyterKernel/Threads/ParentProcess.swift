internal import CLinux
import Glibc

/// The process that started the kernel, as Jupyter names it in `JPY_PARENT_PID`.
final class ParentProcess: Sendable {
  /// Can be read once it has ended; nil where the system does not tell, and it has to be asked after again and again.
  let descriptor: Int32?
  private let parent: pid_t
  private let announced: pid_t

  /// `nil` when the kernel was not started to live and die with another process.
  init?() {
    guard let text = getenv("JPY_PARENT_PID"), let number = pid_t(String(cString: text)), number > 0 else {
      return nil
    }
    announced = number
    parent = getppid()
    let opened = cl_open_process(parent)
    descriptor = opened >= 0 ? opened : nil
  }

  deinit {
    if let descriptor { close(descriptor) }
  }

  /// How long, in milliseconds, until it is to be asked again whether it has ended; nil when its descriptor tells.
  var pause: Int? { descriptor == nil ? 1000 : nil }

  /// Whether it has ended: the system then gives the kernel another parent.
  var hasDied: Bool {
    let current = getppid()
    return current != parent || (current == 1 && announced != 1)
  }
}
