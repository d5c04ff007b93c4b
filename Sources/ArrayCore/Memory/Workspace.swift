/// Memory for what the units of one launch keep while they work: a part for each thread that takes units.
///
/// It is made before the launch, whose body uses `parts`, and kept alive until after it.
struct Workspace {
  let parts: Parts
  private let storage: Storage

  /// As a launch may capture it.
  struct Parts {
    let workers: Int
    fileprivate let address: UnsafeMutableRawPointer
    fileprivate let bytes: Int

    /// Runs the units with the memory of the thread they are on.
    /// - Throws: `cancelled`, between the units of long work.
    func run(
      units: Int, stopping operation: String, _ body: (_ unit: Int, _ memory: UnsafeMutableRawPointer) -> Void
    ) throws(TensorError) {
      if units <= 1 {
        if units == 1 { body(0, address) }
        return
      }
      ThreadPool.run(units: units, workers: workers) { unit, worker in
        if !Cancellation.isRequested { body(unit, address + worker * bytes) }
      }
      try Cancellation.check(operation)
    }
  }

  /// Room for `elements` elements on each thread, for work of at most so many units at once.
  /// - Throws: `outOfMemory`.
  init(_ elements: Int, _ dtype: DType, units: Int, _ operation: String) throws(TensorError) {
    let workers = max(1, min(ThreadPool.threadCount, units))
    // Parts begin at cache lines of their own.
    let each = elements.roundedUp(to: 128 / dtype.byteSize)
    storage = try Storage(each * workers, dtype, operation)
    parts = Parts(workers: workers, address: storage.pointer, bytes: each * dtype.byteSize)
  }
}

extension Int {
  /// The next multiple of `step` that is not smaller.
  func roundedUp(to step: Int) -> Int { (self + step - 1) / step * step }
}
