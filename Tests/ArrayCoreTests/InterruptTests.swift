import ArrayCore
import Testing

extension ArrayCoreTests {
  /// Long operations end early, and give no half-written result, once an interrupt came.
  @Suite struct Interrupts {
    private func interrupted(_ work: () throws -> Void) {
      Cancellation.request()
      defer { Cancellation.clear() }
      let error = #expect(throws: TensorError.self) { try work() }
      #expect(error?.description.hasSuffix("interrupted") == true)
    }

    @Test("long elementwise work, reductions, copies and draws are given up")
    func longWork() throws {
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

    @Test("small work is done all the same, so that what is there can be shown")
    func smallWork() throws {
      Cancellation.request()
      defer { Cancellation.clear() }
      #expect(try NDArray([1.0, 2.0]).sum().item() == 3)
    }
  }
}
