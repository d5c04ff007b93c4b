import ArrayCore
import Synchronization
import Testing

extension ArrayCoreTests {
  /// Long operations end early, and give no half-written result, once an interrupt came. An interrupt is for the whole
  /// process, so each test has one of its own.
  @Suite struct Interrupts {
    @Test("long elementwise work, reductions, copies and draws are given up")
    func longWork() async throws {
      await #expect(processExitsWith: .success) { () async throws in
        func interrupted(_ work: () throws -> Void) {
          Cancellation.request()
          defer { Cancellation.clear() }
          let error = #expect(throws: TensorError.self) { try work() }
          #expect(error?.description.hasSuffix("interrupted") == true)
        }
        let x = try NDArray(full: 0.5, [512, 512])
        interrupted { _ = try NDArray.unary(.exp, x) }
        interrupted { _ = try NDArray.binary(.add, x, x) }
        interrupted { _ = try x.sum() }
        interrupted { _ = try x.sum(axes: [1]) }
        interrupted { _ = try x.softmax(axis: 1) }
        interrupted { _ = try x.transposed().copied() }
        interrupted { _ = try NDArray.normal([512, 512], key: RandomKey(seed: 1)) }
        let images = try x.reshaped([16, 16, 32, 32])
        interrupted { _ = try NDArray.averagePool(images, PoolGeometry(kernel: [2, 2])) }
      }
    }

    @Test("small work is done all the same, so that what is there can be shown")
    func smallWork() async throws {
      await #expect(processExitsWith: .success) { () async throws in
        Cancellation.request()
        let sum = try NDArray([1.0, 2.0]).sum().item()
        #expect(sum == 3)
      }
    }

    @Test("the flag to stop holds until it is cleared")
    func flag() async throws {
      await #expect(processExitsWith: .success) { () async throws in
        try Cancellation.check()
        Cancellation.request()
        let error = #expect(throws: TensorError.self) { try Cancellation.check("train") }
        #expect(error?.description == "train: interrupted")
        Cancellation.clear()
        try Cancellation.check()
      }
    }

    @Test("a long product stops when it is asked to")
    func longProduct() async throws {
      await #expect(processExitsWith: .success) { () async throws in
        let a = try NDArray(ones: [6000, 6000])
        let started = Atomic<Bool>(false)
        ThreadPool.threadCount = 2
        // A second unit of the pool asks while the first multiplies (inline, the pool being taken).
        ThreadPool.run(units: 2) { unit in
          if unit == 0 {
            started.store(true, ordering: .relaxed)
            #expect(throws: TensorError("matmul", .cancelled)) { try NDArray.matmul(a, a) }
          } else {
            while !started.load(ordering: .relaxed) {}
            Cancellation.request()
          }
        }
      }
    }
  }
}
