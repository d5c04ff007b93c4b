import ArrayCore
import Autograd
import TestSupport
import Testing

// What is in use is counted for the whole process, so these run one after another.
@Suite("memory of graphs", .serialized)
struct GraphMemoryTests {
  @Test("a chain of a million operations is differentiated and freed")
  func millionOperations() throws {
    let x = try Parameter(Tensor(1, dtype: .float64))
    var y = x.value
    for _ in 0..<500_000 {
      // Alternately an operation that keeps its input and one that does not.
      y = try sin(y)
      y = try y + 1
    }
    #expect(try gradient(of: y, wrt: [x])[0].item().isFinite)
  }

  @Test("a graph keeps only what its rules need")
  func keepsWhatIsNeeded() throws {
    let x = try Parameter(Tensor([1, 2]))
    var inner: Tensor? = try x.value * 2
    weak let needless = inner
    var outer: Tensor? = try inner.map { try $0 + 1 }
    weak let needed = outer
    inner = nil
    #expect(needless == nil)
    let last = try outer.map { try square($0) }
    outer = nil
    #expect(needed != nil)
    #expect(last?.isRecorded == true)
  }

  @Test("a product keeps no factor whose partner is a constant")
  func keepsNoConstantsPartner() throws {
    let x = try Parameter(Tensor([1, 2]))
    let factor = try Tensor([3, 4])
    var inner: Tensor? = try x.value + 1
    weak let needless = inner
    let product = try inner.map { try $0 * factor }
    inner = nil
    #expect(needless == nil)
    #expect(product?.isRecorded == true)
  }

  @Test("a graph is freed with its last tensor")
  func freedWithLastTensor() throws {
    let x = try Parameter(Tensor([1, 2]))
    var loss: Tensor? = try square(exp(x.value)).sum()
    weak let node = loss?.node
    #expect(node != nil)
    loss = nil
    #expect(node == nil)
  }

  @Test("cotangents are dropped as they are consumed")
  func dropsCotangents() throws {
    // A megabyte each: a gigabyte if all were kept.
    let x = try Parameter(Tensor.zeros([1 << 18]))
    var y = x.value
    for _ in 0..<1024 { y = try y * 0.99 }
    y = try y.sum()
    let before = MemoryStatistics.peakBytesInUse
    let result = try gradient(of: y, wrt: [x])
    #expect(MemoryStatistics.peakBytesInUse - before < 512 << 20)
    #expect(try result[0].at(0).item() > 0)
  }
}
