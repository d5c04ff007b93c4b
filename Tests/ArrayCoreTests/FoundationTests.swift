import ArrayCore
import Foundation
import TestSupport
import Testing

extension ArrayCoreTests {
  @Suite struct Foundations {
    @Test("shapes whose product overflows are refused, not trapped")
    func overflow() throws {
      let huge: Shape = [Int.max, Int.max]
      #expect(throws: TensorError("zeros", .sizeTooLarge(huge))) { try NDArray(zeros: huge) }
      #expect(throws: TensorError("zeros", .negativeSize(-1))) { try NDArray(zeros: [-1]) }
      #expect(throws: TensorError.self) { try NDArray(scalar: 1).broadcast(to: [1 << 40, 1 << 40]) }
      #expect(throws: TensorError.self) { try NDArray(zeros: [0, Int.max]) }
      #expect(throws: TensorError.self) { try Shape(Array(repeating: 1, count: 9)) }
      #expect(throws: TensorError.self) { try NDArray(zeros: [1, 1, 1, 1, 1, 1, 1, 1]).inserting(axis: 0) }
      #expect(throws: TensorError.self) { try NDArray.arange(0, 1e300) }
      #expect(throws: TensorError.self) { try NDArray.arange(0, 1, step: 0) }
    }

    @Test("threads are as many as OMP_NUM_THREADS says, where it says a number")
    func wantedThreads() {
      #expect(Processors.wanted("3") == 3 && Processors.wanted(" 4, 2") == 4)
      // Bound to one, to half of the machine, to nothing; more ranks than processors.
      #expect(
        Processors.share(of: 8, ranks: 8, own: 1) == 1 && Processors.share(of: 8, ranks: 4, own: 4) == 2)
      #expect(
        Processors.share(of: 8, ranks: 2, own: 8) == 4 && Processors.share(of: 2, ranks: 4, own: 2) == 1)
      for none in [nil, "", "x", "0", "-1", "1.5", ","] { #expect(Processors.wanted(none) == nil) }
    }

    @Test("threads are no more than the control group's processor time keeps busy")
    func controlGroups() throws {
      try withTemporaryFolder { root in
        func write(_ text: String, _ folder: String, _ file: String) throws {
          try FileManager.default.createDirectory(
            atPath: root + folder, withIntermediateDirectories: true)
          try text.write(toFile: root + folder + "/" + file, atomically: true, encoding: .utf8)
        }
        func quota(_ groups: String) -> Int? { Processors.quota(of: groups, root: root) }
        #expect(quota("0::/") == nil && quota("") == nil && quota("nonsense") == nil)
        // The least of the group's limit and those around it counts, rounded up.
        try write("max 100000\n", "", "cpu.max")
        try write("350000 100000\n", "/a", "cpu.max")
        try write("150000 100000\n", "/a/b", "cpu.max")
        #expect(quota("0::/\n") == nil && quota("0::/a\n") == 4 && quota("0::/a/b\n") == 2)
        #expect(quota("0::/elsewhere\n") == nil)
        try write("1 100000\n", "", "cpu.max")
        #expect(quota("0::/a/b\n") == 1)
        // Version 1 keeps two files for each group.
        try write("-1\n", "/cpu", "cpu.cfs_quota_us")
        try write("250000\n", "/cpu/box", "cpu.cfs_quota_us")
        try write("100000\n", "/cpu/box", "cpu.cfs_period_us")
        #expect(quota("4:cpu,cpuacct:/box\n") == 3 && quota("4:cpu,cpuacct:/\n5:memory:/box\n") == nil)
      }
    }

    @Test("allocations beyond the free memory are refused and leave nothing behind")
    func memory() throws {
      let before = MemoryStatistics.bytesInUse
      let error = #expect(throws: TensorError.self) { try NDArray(zeros: [1 << 30, 1 << 12]) }
      guard case .outOfMemory(let bytes, let available)? = error?.kind else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(bytes >= 1 << 44 && available < bytes)
      let row = try NDArray(ones: [1 << 22, 1])
      #expect(throws: TensorError.self) { try NDArray.binary(.add, row, NDArray(ones: [1, 1 << 22])) }
      #expect(throws: TensorError.self) { try NDArray.matmul(row, NDArray(ones: [1, 1 << 22])) }
      _ = consume row
      // Other tests run at the same time; what was refused here was terabytes.
      #expect(MemoryStatistics.bytesInUse - before < 1 << 30)
    }

    @Test("freed memory is used again, and the peak is remembered")
    func reuse() throws {
      MemoryStatistics.releaseCache()
      for _ in 0..<100 { _ = try NDArray(zeros: [1000, 100]) }
      #expect(MemoryStatistics.bytesCached < 2 << 20)
      #expect(MemoryStatistics.peakBytesInUse >= 400_000)
    }

    @Test("every size is served by a block that holds it")
    func sizeClasses() throws {
      for count in Array(1...300) + [1000, 1023, 1024, 1025, 4097, 65_537, 1_000_003] {
        let a = try NDArray(full: Double(count % 7), [count], .float64)
        let b = try NDArray(full: 9, [count], .float64)
        #expect(try a.sum().item() == Double(count % 7 * count) && b.max().item() == 9)
      }
    }

    @Test("numbers come back as they went in")
    func roundTrip() throws {
      #expect(try NDArray([1, -2, 3], nil).toInts() == [1, -2, 3])
      #expect(try NDArray([0.1, .infinity], nil).toDoubles() == [0.1, .infinity])
      #expect(try NDArray([0.5, 1.5] as [Float], [2, 1]).shape == [2, 1])
      #expect(try NDArray([1.9, -1.9], nil).cast(to: .int64).toInts() == [1, -1])
      #expect(try NDArray.arange(0, 1, step: 0.25).toDoubles() == [0, 0.25, 0.5, 0.75])
      #expect(try NDArray.arange(3, 0, step: -1, .int64).toInts() == [3, 2, 1])
      #expect(try NDArray.eye(2).toDoubles() == [1, 0, 0, 1])
      #expect(try NDArray(scalar: 4).item() == 4)
      #expect(throws: TensorError("item", .notOneElement([2]))) { try NDArray([1, 2], nil).item() }
      #expect(throws: TensorError("array", .elementCountDiffers([2], [3]))) { try NDArray([1, 2], [3]) }
      #expect(throws: TensorError("full", .integerOverflow)) { try NDArray(full: 1e30, [2], .int64) }
    }

    @Test("every unit of work runs once, also from inside another")
    func pool() {
      let count = 1000
      let hits = UnsafeMutablePointer<UInt8>.allocate(capacity: count * 4)
      hits.initialize(repeating: 0, count: count * 4)
      defer { hits.deallocate() }
      for _ in 0..<50 {
        ThreadPool.run(units: count) { outer in
          ThreadPool.run(units: 4) { inner in hits[outer * 4 + inner] += 1 }
        }
      }
      #expect((0..<count * 4).allSatisfy { hits[$0] == 50 })
      ThreadPool.run(units: 0) { _ in Issue.record("no units") }
    }
  }

  @Suite struct RandomNumbers {
    @Test("the generator is Philox4x32-10")
    func knownAnswer() {
      // The published answer for a counter and key of zeros: 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
      let key = RandomKey(seed: 0)
      #expect(key.uniform(at: 0) == Double(UInt64(0xE169_C58D_6627_E8D5) >> 11) * 0x1p-53)
    }

    @Test("an element depends on its index alone")
    func chunks() throws {
      let key = RandomKey(seed: 7, stream: 3)
      let whole = try NDArray.normal([10_000], key: key, .float64).toDoubles()
      var parts: [Double] = []
      for start in stride(from: 0, to: 10_000, by: 1234) {
        let count = min(1234, 10_000 - start)
        parts += try NDArray.normal([count], key: key, offset: UInt64(start), .float64).toDoubles()
      }
      #expect(parts == whole)
      #expect(whole[17] == key.normal(at: 17))
      #expect(try NDArray.normal([10_000], key: key).toDoubles() == whole.map { Double(Float($0)) })
      try expectSameOnAnyThreadCount { try NDArray.uniform([50_000], key: key) }
    }

    @Test("uniform and normal numbers have their moments")
    func moments() throws {
      let n = 200_000.0
      let u = try NDArray.uniform([200_000], low: -1, high: 3, key: RandomKey(seed: 1), .float64)
      #expect(abs(try u.sum().item() / n - 1) < 0.01)
      #expect(try u.min().item() >= -1 && u.max().item() < 3)
      #expect(abs(try NDArray.unary(.square, u).sum().item() / n - (1 + 16.0 / 12)) < 0.02)
      let z = try NDArray.normal([200_000], mean: 2, deviation: 3, key: RandomKey(seed: 2), .float64)
      #expect(abs(try z.sum().item() / n - 2) < 0.03)
      let square = try NDArray.unary(.square, NDArray.binary(.subtract, z, scalar: 2)).sum().item() / n
      #expect(abs(square - 9) < 0.12)
      let w = try NDArray.normal([200_000], key: RandomKey(seed: 2, stream: 1), .float64)
      let both = try NDArray.binary(.multiply, NDArray.binary(.subtract, z, scalar: 2), w).sum().item() / n
      #expect(abs(both) < 0.03)
    }

    @Test("whole numbers and permutations are even and complete")
    func integers() {
      let key = RandomKey(seed: 5)
      var counts = Array(repeating: 0, count: 7)
      for i in 0..<70_000 { counts[key.integer(at: UInt64(i), below: 7)] += 1 }
      #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
      #expect(key.permutation(100).sorted() == Array(0..<100))
      #expect(key.permutation(100) != key.split(1).permutation(100))
      #expect(key.permutation(0).isEmpty && key.permutation(1) == [0])
      #expect(key.split(1) != key.split(2))
    }
  }
}
