import ArrayCore
import Autograd

/// A perceptron 1–hidden–hidden–1 written on tensors, with its inner loop: the work of a sinusoid task.
struct SmallModel {
  let parameters: [Parameter]
  let activation: (Tensor) throws -> Tensor

  init(
    dtype: DType, hidden: Int = 40, activation: @escaping (Tensor) throws -> Tensor = { try relu($0) }
  ) throws {
    self.activation = activation
    let sizes: [(Int, Int)] = [(hidden, 1), (hidden, hidden), (1, hidden)]
    var parameters: [Parameter] = []
    for (index, (out, input)) in sizes.enumerated() {
      let weight = try Tensor.randn([out, input], seed: UInt64(index), dtype: dtype)
      parameters.append(try Parameter(weight * (2 / Double(input)).squareRoot()))
      parameters.append(try Parameter(Tensor.zeros([out], dtype: dtype)))
    }
    self.parameters = parameters
  }

  func forward(_ x: Tensor, _ p: [Tensor]) throws -> Tensor {
    let first = try activation(linear(x, p[0], p[1]))
    let second = try activation(linear(first, p[2], p[3]))
    return try linear(second, p[4], p[5])
  }

  /// The loss after `steps` inner steps, on the same data.
  func outerLoss(
    _ x: Tensor, _ y: Tensor, steps: Int, from start: [Tensor]? = nil, stepSize: Double = 0.01,
    createGraph: Bool = true
  ) throws -> Tensor {
    var params = start ?? parameters.map(\.value)
    // Constants are differentiated by too: the finite-difference side passes plain tensors.
    if start != nil { params = try params.map { try $0.asArgument() } }
    for _ in 0..<steps {
      let inner = try mse(forward(x, params), y)
      let gradients = try gradient(of: inner, wrt: params, createGraph: createGraph)
      params = try zip(params, gradients.values).map { try $0.addScaled($1, -stepSize) }
    }
    return try mse(forward(x, params), y)
  }
}
