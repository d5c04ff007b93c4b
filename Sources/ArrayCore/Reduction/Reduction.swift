import CKernels

/// The axes of a reduction in the order they are walked: kept ones outside, reduced ones inside, each from the
/// largest stride to the smallest, neighbours joined where the memory allows it.
struct Reduction {
  var kept = Shape()
  var keptIn = Shape()
  var keptOut = Shape()
  var reduced = Shape()
  var reducedIn = Shape()

  init(_ a: NDArray, mask: Int, out: NDArray) {
    var outAxis = 0
    for axis in 0..<a.rank {
      let isReduced = mask & (1 << axis) != 0
      if !isReduced {
        if a.shape[axis] != 1 { insertKept(a.shape[axis], a.strides[axis], out.strides[outAxis]) }
        outAxis += 1
      } else if a.shape[axis] != 1 {
        insertReduced(a.shape[axis], a.strides[axis])
      }
    }
    joinKept()
    joinReduced()
  }

  private mutating func insertKept(_ size: Int, _ from: Int, _ to: Int) {
    var place = kept.rank
    kept.append(size)
    keptIn.append(from)
    keptOut.append(to)
    while place > 0 && keptIn[place - 1] < from {
      kept.swapAt(place, place - 1)
      keptIn.swapAt(place, place - 1)
      keptOut.swapAt(place, place - 1)
      place -= 1
    }
  }

  private mutating func insertReduced(_ size: Int, _ stride: Int) {
    var place = reduced.rank
    reduced.append(size)
    reducedIn.append(stride)
    while place > 0 && reducedIn[place - 1] < stride {
      reduced.swapAt(place, place - 1)
      reducedIn.swapAt(place, place - 1)
      place -= 1
    }
  }

  private mutating func joinKept() {
    var (sizes, from, to) = (Shape(), Shape(), Shape())
    for i in 0..<kept.rank {
      let last = sizes.rank - 1
      if last >= 0 && from[last] == keptIn[i] * kept[i] && to[last] == keptOut[i] * kept[i] {
        sizes[last] *= kept[i]
        from[last] = keptIn[i]
        to[last] = keptOut[i]
      } else {
        sizes.append(kept[i])
        from.append(keptIn[i])
        to.append(keptOut[i])
      }
    }
    (kept, keptIn, keptOut) = (sizes, from, to)
  }

  private mutating func joinReduced() {
    var (sizes, from) = (Shape(), Shape())
    for i in 0..<reduced.rank {
      let last = sizes.rank - 1
      if last >= 0 && from[last] == reducedIn[i] * reduced[i] {
        sizes[last] *= reduced[i]
        from[last] = reducedIn[i]
      } else {
        sizes.append(reduced[i])
        from.append(reducedIn[i])
      }
    }
    (reduced, reducedIn) = (sizes, from)
  }

  /// Calls `kernel` with the inner two kept axes and all (at most three) reduced ones, and the offsets into the
  /// result and the array, for every index of the kept axes outside them.
  func run(_ kernel: (inout il_reduction, Int, Int) -> Void) {
    var r = il_reduction()
    (r.size0, r.size1, r.reduced0, r.reduced1, r.reduced2) = (1, 1, 1, 1, 1)
    if kept.rank > 0 {
      let i = kept.rank - 1
      (r.size1, r.a1, r.out1) = (kept[i], keptIn[i], keptOut[i])
    }
    if kept.rank > 1 {
      let i = kept.rank - 2
      (r.size0, r.a0, r.out0) = (kept[i], keptIn[i], keptOut[i])
    }
    let last = reduced.rank - 1
    if last >= 0 { (r.reduced2, r.r2) = (reduced[last], reducedIn[last]) }
    if last >= 1 { (r.reduced1, r.r1) = (reduced[last - 1], reducedIn[last - 1]) }
    if last >= 2 { (r.reduced0, r.r0) = (reduced[last - 2], reducedIn[last - 2]) }
    walk(0, 0, 0, &r, kernel)
  }

  private func walk(
    _ axis: Int, _ out: Int, _ from: Int, _ r: inout il_reduction,
    _ kernel: (inout il_reduction, Int, Int) -> Void
  ) {
    if axis >= kept.rank - 2 { return kernel(&r, out, from) }
    for i in 0..<kept[axis] {
      walk(axis + 1, out + i * keptOut[axis], from + i * keptIn[axis], &r, kernel)
    }
  }
}
