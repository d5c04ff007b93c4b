import CKernels
import Synchronization

/// The nested loops of an elementwise operation: sizes, and strides of the result and up to three operands.
///
/// Axes are ordered by the result's strides, axes of size 1 are dropped, and neighbouring axes that all operands
/// walk evenly become one; so `[25, 10, 40] + [40]` is two loops and equal dense layouts are one.
struct Loop {
  private(set) var sizes = Shape()
  private(set) var out = Shape()
  private(set) var a = Shape()
  private(set) var b = Shape()
  private(set) var c = Shape()
  let elementCount: Int

  /// One loop over `count` neighbouring elements; operands with stride 0 are one value.
  init(flat count: Int, a: Int = 1, b: Int = 1, c: Int = 1) {
    elementCount = count
    append(count, 1, a, b, c)
  }

  /// Loops over `shape`. Unused operands are given the result's strides, which never keeps axes apart.
  init(_ shape: Shape, out: Shape, a: Shape, b: Shape, c: Shape) {
    elementCount = shape.elementCount
    // Insertion sort of the axes by the result's strides, outermost first.
    var order = Shape()
    for axis in 0..<shape.rank where shape[axis] != 1 {
      var place = order.rank
      order.append(axis)
      while place > 0 && out[order[place - 1]] < out[axis] {
        order[place] = order[place - 1]
        place -= 1
      }
      order[place] = axis
    }
    for i in 0..<order.rank {
      let axis = order[i]
      let size = shape[axis]
      let last = sizes.rank - 1
      if last >= 0 && self.out[last] == out[axis] * size && self.a[last] == a[axis] * size
        && self.b[last] == b[axis] * size && self.c[last] == c[axis] * size
      {
        sizes[last] *= size
        self.out[last] = out[axis]
        self.a[last] = a[axis]
        self.b[last] = b[axis]
        self.c[last] = c[axis]
      } else {
        append(size, out[axis], a[axis], b[axis], c[axis])
      }
    }
  }

  private mutating func append(_ size: Int, _ out: Int, _ a: Int, _ b: Int, _ c: Int) {
    sizes.append(size)
    self.out.append(out)
    self.a.append(a)
    self.b.append(b)
    self.c.append(c)
  }

  /// A part of the work: three loops, and where each operand starts.
  struct Part {
    var loop = il_loop()
    var out = 0
    var a = 0
    var b = 0
    var c = 0
  }

  /// Work on fewer elements than this stays on one thread.
  static let parallelThreshold = 1 << 16
  private static let unitElements = 1 << 14

  /// Launches `kernel` over all parts; `cost` is the time of an element relative to an addition.
  ///
  /// Elements do not depend on each other, so the parts may be cut in any way.
  /// - Throws: `cancelled`, between the parts of long work; the result is then incomplete.
  func run(cost: Int = 1, _ kernel: @escaping (inout Part) -> Void) throws(TensorError) {
    if elementCount == 0 { return }
    try launch { () throws(TensorError) in try parts(cost: cost, parallel: true, kernel) }
  }

  /// As `run`, for kernels that report the problems they met as bits, which `check` words when all parts are done.
  ///
  /// - Parameter parallel: false where elements depend on each other.
  func run(
    cost: Int = 1, parallel: Bool = true, checking check: @escaping (Int32) throws(TensorError) -> Void,
    _ kernel: @escaping (inout Part) -> Int32
  ) throws(TensorError) {
    if elementCount == 0 { return }
    try launch { () throws(TensorError) in
      let problems = Atomic<Int32>(0)
      try parts(cost: cost, parallel: parallel) {
        let met = kernel(&$0)
        if met != 0 { problems.bitwiseOr(met, ordering: .relaxed) }
      }
      try check(problems.load(ordering: .relaxed))
    }
  }

  private func parts(
    cost: Int, parallel: Bool, _ kernel: (inout Part) -> Void
  ) throws(TensorError) {
    if !parallel || elementCount * cost < Self.parallelThreshold || sizes.rank == 0 {
      return run(from: 0, to: sizes.first ?? 1, kernel)
    }
    let outer = sizes[0]
    let inner = elementCount / outer
    let rows = max(1, Self.unitElements / cost / inner)
    try ThreadPool.run(units: (outer + rows - 1) / rows, stopping: "array") { unit in
      run(from: unit * rows, to: min(outer, (unit + 1) * rows), kernel)
    }
  }

  /// The part of the work where the outermost axis is in the range.
  private func run(from: Int, to: Int, _ kernel: (inout Part) -> Void) {
    var part = Part()
    let rank = sizes.rank
    part.loop.size0 = 1
    part.loop.size1 = 1
    part.loop.size2 = 1
    part.loop.out2 = 1
    part.loop.a2 = 1
    part.loop.b2 = 1
    part.loop.c2 = 1
    if rank > 0 {
      let i = rank - 1
      part.loop.size2 = i == 0 ? to - from : sizes[i]
      (part.loop.out2, part.loop.a2, part.loop.b2, part.loop.c2) = (out[i], a[i], b[i], c[i])
      (part.out, part.a, part.b, part.c) = (from * out[0], from * a[0], from * b[0], from * c[0])
    }
    if rank > 1 {
      let i = rank - 2
      part.loop.size1 = i == 0 ? to - from : sizes[i]
      (part.loop.out1, part.loop.a1, part.loop.b1, part.loop.c1) = (out[i], a[i], b[i], c[i])
    }
    if rank > 2 {
      let i = rank - 3
      part.loop.size0 = i == 0 ? to - from : sizes[i]
      (part.loop.out0, part.loop.a0, part.loop.b0, part.loop.c0) = (out[i], a[i], b[i], c[i])
    }
    if rank <= 3 { return kernel(&part) }
    walk(0, from, to, part, kernel)
  }

  /// The loops outside the inner three.
  private func walk(_ axis: Int, _ from: Int, _ to: Int, _ start: Part, _ kernel: (inout Part) -> Void) {
    var part = start
    for _ in from..<to {
      if axis == sizes.rank - 4 {
        kernel(&part)
      } else {
        walk(axis + 1, 0, sizes[axis + 1], part, kernel)
      }
      part.out += out[axis]
      part.a += a[axis]
      part.b += b[axis]
      part.c += c[axis]
    }
  }

  /// The first element that the loops meet, reading from `a`, of which `condition` holds.
  func first(from a: UnsafePointer<Int64>, where condition: (Int64) -> Bool) -> Int64? {
    var found: Int64?
    run(from: 0, to: sizes.first ?? 1) { part in
      for i in 0..<part.loop.size0 {
        for j in 0..<part.loop.size1 {
          for k in 0..<part.loop.size2 where found == nil {
            let value = a[part.a + i * part.loop.a0 + j * part.loop.a1 + k * part.loop.a2]
            if condition(value) { found = value }
          }
        }
      }
    }
    return found
  }
}
