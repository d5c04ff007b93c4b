import ArrayCore
import Autograd

extension OperationCases {
  /// Shapes of x, and windows that leave nothing over, a row and a column, or everything.
  private static let normalized: [(name: String, x: Shape, window: [Int])] = [
    ("of rows", [5, 3], []),
    ("of images", [2, 3, 2, 3], [1, 1]),
    ("of even images", [2, 2, 4, 2], [2, 2]),
    ("of odd images", [1, 3, 5, 3], [2, 2]),
    ("of signals", [2, 2, 7], [3]),
    ("of volumes", [1, 2, 2, 3, 2], [2, 1, 2]),
  ]

  /// Weights of every sign.
  private static func signs(_ channels: Int) throws -> Tensor {
    try Tensor([-0.7, 1.3, 0, 0.5].prefix(channels).map { $0 }, dtype: .float64)
  }

  private static func moments(_ x: Tensor, _ window: [Int]) throws -> BatchMoments {
    try BatchMoments(x, weight: signs(x.shape[1]), eps: 1e-3, NormalizationGeometry(window: window))
  }

  static let normalization: [OperationCase] = {
    var cases: [OperationCase] = []
    for (name, shape, window) in normalized {
      guard let kept = try? NormalizationGeometry(window: window).outputShape(input: shape) else { continue }
      let (x, g, u) = (Draw.normal(shape), Draw.normal(kept), Draw.normal(shape))
      cases.append(
        OperationCase(name: "normalize \(name)", inputs: [x]) {
          try Tensor.apply(.normalize(moments($0[0], window)), $0[0])
        })
      cases.append(
        OperationCase(name: "normalize gradient \(name)", inputs: [x, g]) {
          try Tensor.apply(.normalizeGradient(moments($0[0], window)), $0[0], $0[1])
        })
      cases.append(
        OperationCase(name: "normalize tangent \(name)", inputs: [x, u]) {
          try Tensor.apply(.normalizeTangent(moments($0[0], window)), $0[0], $0[1])
        })
      cases.append(
        OperationCase(name: "normalize curvature \(name)", inputs: [x, g, u.strided()]) {
          try Tensor.apply(.normalizeCurvature(moments($0[0], window)), $0[0], $0[1], $0[2])
        })
    }
    for (name, shape, kernel): (String, Shape, [Int]) in [
      ("of even images", [2, 2, 4, 2], [2, 2]), ("of odd images", [3, 2, 3, 5], [2, 2]),
      ("of signals", [2, 2, 7], [3]),
    ] {
      cases.append(
        OperationCase(
          name: "batchNormReLUMaxPool \(name)", inputs: [.normal(shape), .normal([2]), .normal([2])]
        ) { try batchNormReLUMaxPool($0[0], weight: $0[1], bias: $0[2], pool: PoolGeometry(kernel: kernel)) })
    }
    cases.append(apply("unaffected", .unaffected, .normal([2, 3]), .normal([4])))
    return cases
  }()
}
