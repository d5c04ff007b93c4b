import ArrayCore
import Autograd

extension OperationCases {
  static let products: [OperationCase] = {
    var cases: [OperationCase] = []
    let shapes: [([Int], [Int])] = [
      ([2, 3], [3, 4]), ([2, 2, 3], [3, 4]), ([2, 3], [2, 3, 4]), ([2, 1, 2, 3], [2, 3, 2]),
      ([2, 0], [0, 3]),
      ([0, 2], [2, 3]), ([2, 2, 3], [2, 3, 2]),
    ]
    for transposeLeft in [false, true] {
      for transposeRight in [false, true] {
        for (a, b) in shapes {
          guard let left = turned(a, transposeLeft), let right = turned(b, transposeRight) else { continue }
          let flags = "\(transposeLeft) \(transposeRight)"
          cases.append(
            apply(
              "matmul \(flags) \(left) \(right)",
              .matmul(transposeLeft: transposeLeft, transposeRight: transposeRight), .normal(left),
              .normal(right)))
        }
        guard let left = turned([2, 2, 3], transposeLeft), let right = turned([2, 3, 2], transposeRight)
        else { continue }
        cases.append(
          apply(
            "matmulSum \(transposeLeft) \(transposeRight)",
            .matmulSum(transposeLeft: transposeLeft, transposeRight: transposeRight, overTasks: false),
            .normal(left), .normal(right)))
        cases.append(
          OperationCase(
            name: "matmulSum over tasks \(transposeLeft) \(transposeRight)",
            inputs: [.normal(left), .normal(right)], allowsTasks: false
          ) {
            try Tensor.apply(
              .matmulSum(transposeLeft: transposeLeft, transposeRight: transposeRight, overTasks: true),
              $0[0].hideTasks(), $0[1].hideTasks())
          })
      }
    }
    for (a, b): (Shape, Shape) in [([3], [3]), ([3], [3, 2]), ([2, 3], [3]), ([2, 2, 3], [3])] {
      cases.append(
        OperationCase(name: "product of \(a) and \(b)", inputs: [.normal(a), .normal(b)]) {
          try matmul($0[0], $0[1])
        })
    }
    cases.append(
      OperationCase(name: "linear", inputs: [.normal([2, 2, 3]), .normal([4, 3]), .normal([4])]) {
        try linear($0[0], $0[1], $0[2])
      })
    cases.append(
      OperationCase(
        name: "matmul strided", inputs: [Draw.normal([2, 3]).strided(), Draw.normal([3, 2]).strided()]
      ) { try matmul($0[0], $0[1]) })
    return cases + solves
  }()

  /// A matrix that is far from singular.
  private static func regular(_ shape: Shape) -> Draw {
    Draw { try Draw.small(shape)($0) * 0.3 + Tensor.eye(shape[shape.rank - 1], dtype: .float64) }
  }

  private static let solves: [OperationCase] = {
    let shapes: [(Shape, Shape)] = [
      ([3, 3], [3, 2]), ([2, 3, 3], [3, 1]), ([2, 2], [2, 2, 3]), ([2, 1, 2, 2], [2, 2, 1]),
      ([1, 1], [1, 1]),
      ([0, 0], [0, 2]), ([2, 2], [2, 0]), ([0, 2, 2], [2, 1]),
    ]
    var cases: [OperationCase] = []
    for (a, b) in shapes {
      for transposed in [false, true] {
        cases.append(
          apply(
            "solve \(a) \(b)\(transposed ? " transposed" : "")", .solve(transposed: transposed), regular(a),
            .normal(b)))
      }
    }
    cases.append(
      apply(
        "solve strided", .solve(transposed: false), regular([3, 3]).strided(), Draw.normal([3, 2]).strided()))
    cases.append(
      OperationCase(name: "solve for a vector", inputs: [regular([3, 3]), .normal([3])]) {
        try solve($0[0], $0[1])
      })
    return cases
  }()

  private static func turned(_ sizes: [Int], _ transposes: Bool) -> Shape? {
    var sizes = sizes
    if transposes { sizes.swapAt(sizes.count - 1, sizes.count - 2) }
    return try? Shape(sizes)
  }

  private static let geometries: [(String, Shape, Shape, Shape, ConvolutionGeometry)] = [
    (
      "1d", [2, 2, 7], [4, 1, 3], [2, 4, 4],
      .init(stride: [2], padding: [2], dilation: [2], groups: 2)
    ),
    (
      "2d", [2, 2, 4, 3], [3, 2, 3, 3], [2, 3, 4, 3],
      .init(stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1)
    ),
    (
      "2d strided", [1, 2, 5, 4], [2, 1, 3, 2], [1, 2, 3, 3],
      .init(stride: [2, 1], padding: [1, 0], dilation: [1, 1], groups: 2)
    ),
    (
      "3d", [1, 1, 2, 3, 2], [2, 1, 2, 2, 2], [1, 2, 3, 4, 3],
      .init(stride: [1, 1, 1], padding: [1, 1, 1], dilation: [1, 1, 1], groups: 1)
    ),
    (
      "of no image", [0, 2, 3, 3], [2, 2, 2, 2], [0, 2, 2, 2],
      .init(stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1)
    ),
  ]

  static let spatial: [OperationCase] = {
    var cases: [OperationCase] = []
    for (name, x, w, y, geometry) in geometries {
      cases.append(apply("convolution \(name)", .convolution(geometry), .normal(x), .normal(w)))
      cases.append(
        apply(
          "convolution input gradient \(name)", .convolutionInputGradient(x, geometry), .normal(y), .normal(w)
        ))
      cases.append(
        apply(
          "convolution weight gradient \(name)", .convolutionWeightGradient(w, geometry), .normal(y),
          .normal(x)))
    }
    let square = PoolGeometry(kernel: [2, 2], stride: [2, 2], padding: [0, 0])
    let padded = PoolGeometry(kernel: [3], stride: [2], padding: [1])
    cases += [
      unary("maxPool", .normal([2, 2, 5, 4])) { try maxPool($0, square) },
      unary("maxPool padded", .normal([2, 5])) { try maxPool($0, padded) },
      unary("averagePool", .normal([2, 2, 4, 4])) { try averagePool($0, square) },
      unary("averagePool padded", .normal([2, 5]).strided()) { try averagePool($0, padded) },
      unary("averagePoolAdjoint", .normal([2, 3])) {
        try Tensor.apply(.averagePoolAdjoint([2, 5], padded), $0)
      },
    ]
    return cases
  }()

  static let indexing: [OperationCase] = [
    apply("gather", .gather(axis: 1), .normal([2, 4]), .integers([2, 3], below: 4)),
    apply("gather 0 of a part", .gather(axis: 0), .normal([3, 4]), .integers([2, 2], below: 3)),
    apply("gather nothing", .gather(axis: 0), .normal([3]), .integers([0], below: 3)),
    apply("scatterAdd", .scatterAdd(axis: 1, size: 5), .normal([2, 3]), .integers([2, 3], below: 5)),
    apply("takeRows", .takeRows, .normal([4, 2]), .integers([2, 3], below: 4)),
    apply("takeRows of numbers", .takeRows, .normal([4]), .integers([], below: 4)),
    apply("takeRows of matrices", .takeRows, .normal([3, 2, 2]).strided(), .integers([2], below: 3)),
    apply("addRows", .addRows(rowCount: 4), .normal([2, 3, 2]), .integers([2, 3], below: 4)),
    OperationCase(name: "take", inputs: [.normal([2, 3, 2]), .integers([2, 2], below: 3)]) {
      try $0[0].take($0[1], axis: 1)
    },
  ]

  static let composed: [OperationCase] = [
    // The second input is computed from the first, and one is not used.
    OperationCase(name: "checkpoint", inputs: [.normal([2, 3]), .normal([3]), .normal([2])]) { x in
      let inner = try x[1] + x[0].mean([0])
      return try checkpoint([x[0], inner, x[2]]) { y, _ in [try sin(y[0] * y[1]) * y[0]] }[0] * x[0]
    },
    OperationCase(name: "checkpoint of one", inputs: [.normal([2])]) {
      try checkpoint([$0[0]]) { x, _ in [try exp(x[0] * 0.5)] }[0]
    },
    unary("gelu", .normal([2, 3])) { try gelu($0) },
    unary("elu", .normal([2, 3])) { try elu($0, 0.7) },
    unary("leakyRelu", .normal([2, 3])) { try leakyRelu($0, 0.1) },
    unary("softplus", .normal([2, 3])) { try softplus($0) },
    unary("clip", .normal([2, 3])) { try clip($0, -0.5, 0.5) },
    unary("pow of a number", .normal([2, 3])) { try pow(1.7, $0) },
    unary("deep chain", .small([2])) { x in
      var y = x
      for _ in 0..<6 { y = try sin(y * 1.1) + x }
      return y
    },
    OperationCase(name: "mse", inputs: [.normal([2, 3]), .normal([2, 3])]) { try mse($0[0], $0[1]) },
    OperationCase(name: "crossEntropy", inputs: [.normal([4, 3]), .integers([4], below: 3)]) {
      try crossEntropy($0[0], $0[1])
    },
    OperationCase(
      name: "crossEntropy of images", inputs: [.normal([2, 3, 2]), .integers([2, 2], below: 3)]
    ) {
      try crossEntropy($0[0], $0[1], reduction: .none)
    },
    OperationCase(name: "batchNorm", inputs: [.normal([5, 2]), .normal([2]), .normal([2])]) {
      try batchNorm($0[0], weight: $0[1], bias: $0[2], axes: [0])
    },
    OperationCase(
      name: "batchNorm of images", inputs: [.normal([3, 2, 2, 2]), .positive([2]), .normal([2])]
    ) { try batchNorm($0[0], weight: $0[1], bias: $0[2], axes: [0, 2, 3]) },
    OperationCase(name: "layerNorm", inputs: [.normal([2, 3, 2]), .normal([3, 2]), .normal([3, 2])]) {
      try layerNorm($0[0], weight: $0[1], bias: $0[2], normalizedRank: 2)
    },
  ]
}
