import ArrayCore
import Autograd
import NN
import TestSupport
import Testing

@Suite("Batch normalisation and dropout")
struct NormalisationTests {
  @Test("running statistics follow PyTorch and are used after eval()")
  func running() throws {
    let norm = try BatchNorm1d(1, momentum: 0.1, trackRunningStats: true, dtype: .float64)
    let x = try Tensor([1, 2, 3, 6], shape: [4, 1], dtype: .float64)
    _ = try norm(x)
    let state = norm.stateDictionary()
    // mean 3, unbiased variance 14/3
    #expect(try isClose(#require(state["running_mean"]), [0.3]))
    #expect(try isClose(#require(state["running_var"]), [0.9 + 1.4 / 3]))
    #expect(try #require(state["num_batches_tracked"]).toInts() == [1])
    norm.eval()
    let y = try norm(x).toDoubles()
    let expected = [1, 2, 3, 6].map { ($0 - 0.3) / (0.9 + 1.4 / 3 + 1e-5).squareRoot() }
    #expect(largestDifference(y, expected) < 1e-12)
    #expect(try isClose(#require(norm.stateDictionary()["running_mean"]), [0.3]))
  }

  @Test("running statistics are not written while parameters are replaced or tasks run side by side")
  func leak() throws {
    let model = try MetaSequential(MetaLinear(2, 3), MetaBatchNorm1d(3, trackRunningStats: true))
    let before = try #require(model.stateDictionary()["1.running_mean"]).toDoubles()
    let x = try Tensor.randn([5, 2], seed: 1)
    _ = try model(x, params: ["0.bias": Tensor.ones([3])])
    _ = try model(Tensor.stackTasks([x, x]))
    #expect(try #require(model.stateDictionary()["1.running_mean"]).toDoubles() == before)
    _ = try model(x)
    #expect(try #require(model.stateDictionary()["1.running_mean"]).toDoubles() != before)
  }

  @Test("statistics are those of each task")
  func perTask() throws {
    let norm = try MetaBatchNorm2d(2, dtype: .float64)
    let parts = try (0..<3).map { try Tensor.randn([4, 2, 3, 3], seed: UInt64($0), dtype: .float64) }
    let all = try norm(Tensor.stackTasks(parts))
    for (task, part) in parts.enumerated() {
      #expect(try largestDifference(all.taskSlice(task), norm(part)) < 1e-13)
    }
  }

  @Test("dropout keeps the mean, repeats from its seed, and is off after eval()")
  func dropout() throws {
    let x = try Tensor.ones([100, 100])
    let y = try Dropout(0.25, seed: 5)(x).toDoubles()
    #expect(Set(y) == [0, Double(Float(1 / 0.75))])
    let kept = y.filter { $0 != 0 }.count
    #expect((7300...7700).contains(kept))
    let layer = try Dropout(0.25, seed: 5)
    #expect(try layer(x).toDoubles() == y)
    #expect(try layer(x).toDoubles() != y)
    #expect(try Dropout(0.25, seed: 6)(x).toDoubles() != y)
    #expect(try layer.eval()(x).toDoubles() == x.toDoubles())
    #expect(try Dropout(1)(x).toDoubles().allSatisfy { $0 == 0 })
    #expect(throws: NNError.self) { try Dropout(1.5) }
  }
}
