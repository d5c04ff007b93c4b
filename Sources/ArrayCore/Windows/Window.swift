import CKernels

/// Windows as the C loops see them: always three spatial axes, missing ones of size 1 in front.
enum Window {
  /// The number of windows along one axis.
  static func outputSize(
    _ operation: String, _ input: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int
  ) throws(TensorError) -> Int {
    let limit = 1 << 31
    if kernel < 1 || stride < 1 || padding < 0 || dilation < 1 {
      throw TensorError(
        operation,
        .geometry(
          "a window of \(kernel) with stride \(stride), padding \(padding) and dilation \(dilation) is none"))
    }
    if input >= limit || kernel >= limit || stride >= limit || padding >= limit || dilation >= limit {
      throw TensorError(operation, .geometry("a size of the window is too large"))
    }
    let reach = dilation * (kernel - 1) + 1
    let padded = input + 2 * padding
    if reach > padded {
      throw TensorError(
        operation,
        .geometry(
          "a window that reaches over \(reach) does not fit in \(padded) (\(input) and twice \(padding))"))
    }
    return (padded - reach) / stride + 1
  }

  /// The window over the spatial axes of an array, whose first `lead` axes are not spatial; strides are left 0.
  static func make(
    input: Shape, output: Shape, kernel: [Int], stride: [Int], padding: [Int], dilation: [Int], lead: Int
  ) -> il_window {
    let spatial = kernel.count
    func three(_ values: [Int], _ missing: Int) -> (Int, Int, Int) {
      let padded = Array(repeating: missing, count: 3 - spatial) + values
      return (padded[0], padded[1], padded[2])
    }
    var window = il_window()
    (window.in0, window.in1, window.in2) = three(Array(input.dropFirst(lead)), 1)
    (window.out0, window.out1, window.out2) = three(Array(output.dropFirst(lead)), 1)
    (window.k0, window.k1, window.k2) = three(kernel, 1)
    (window.stride0, window.stride1, window.stride2) = three(stride, 1)
    (window.pad0, window.pad1, window.pad2) = three(padding, 0)
    (window.dilation0, window.dilation1, window.dilation2) = three(dilation, 1)
    return window
  }
}

extension il_window {
  /// The positions of one output plane.
  var outputPlane: Int { out0 * out1 * out2 }
  /// The positions of one input plane.
  var inputPlane: Int { in0 * in1 * in2 }
  /// The positions one window reads.
  var taps: Int { k0 * k1 * k2 }

  /// Sets the strides of an input plane whose positions are `step` apart, in row-major order.
  mutating func setPlane(step: Int) {
    s2 = step
    s1 = in2 * step
    s0 = in1 * in2 * step
  }
}
