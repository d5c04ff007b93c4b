import Synchronization

/// Whether steps may be replayed from captures, for the whole process.
public enum Replay {
  private static let suspended = Atomic(false)

  /// While true, every step is computed as it is written, so that who debugs sees each call of a model. The results are the
  /// same bit for bit. Any thread.
  public static var isSuspended: Bool {
    get { suspended.load(ordering: .relaxed) }
    set { suspended.store(newValue, ordering: .relaxed) }
  }
}
