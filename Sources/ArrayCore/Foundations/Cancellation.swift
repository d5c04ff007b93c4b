import Synchronization

/// The process-wide wish to stop, set by an interrupt on any thread and read by the evaluating thread between
/// operations and between the panels of long ones.
public enum Cancellation {
  private static let flag = Atomic<Bool>(false)

  /// Asks the running computation to stop at its next check.
  public static func request() { flag.store(true, ordering: .relaxed) }

  /// Takes the wish back, before the next computation starts.
  public static func clear() { flag.store(false, ordering: .relaxed) }

  /// True after `request`, until `clear`.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// - Throws: `cancelled` after `request`.
  public static func check(_ operation: String = "") throws(TensorError) {
    if isRequested { throw TensorError(operation, .cancelled) }
  }
}
