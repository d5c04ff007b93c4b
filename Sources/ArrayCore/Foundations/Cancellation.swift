import Synchronization

/// The process-wide wish to stop, set by an interrupt on any thread and read by the evaluating thread between
/// operations and between the panels of long ones.
public enum Cancellation {
  private static let flag = Atomic<Bool>(false)
  /// How many calls of ``held(_:)`` are under way.
  private static let holds = Atomic<Int>(0)

  /// Asks the running computation to stop at its next check.
  public static func request() { flag.store(true, ordering: .relaxed) }

  /// Takes the wish back, before the next computation starts.
  public static func clear() { flag.store(false, ordering: .relaxed) }

  /// True after `request`, until `clear`.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) && holds.load(ordering: .relaxed) == 0 }

  /// Runs `body` to its end, however often the user asks to stop: short work that must be done whole, as on other
  /// processes, which have not been asked yet.
  public static func held<R>(_ body: () throws -> R) rethrows -> R {
    holds.add(1, ordering: .relaxed)
    defer { holds.subtract(1, ordering: .relaxed) }
    return try body()
  }

  /// - Throws: `cancelled` after `request`.
  public static func check(_ operation: String = "") throws(TensorError) {
    if isRequested { throw TensorError(operation, .cancelled) }
  }
}
