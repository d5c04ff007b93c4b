import ArrayCore

/// How analytic and numeric derivatives compare.
public struct GradientCheckReport: Sendable, CustomStringConvertible {
  /// The largest differences for one input.
  public struct Row: Sendable {
    /// 1: the gradient. 2: the derivative of the gradient, along a random direction.
    public let order: Int
    /// The position among the inputs.
    public let input: Int
    public let maxAbsoluteDifference: Double
    /// Relative to the larger of the two, or to 1 where both are smaller.
    public let maxRelativeDifference: Double
  }

  public let rows: [Row]
  public let tolerance: Double
  /// Names of the primitive operations that were differentiated.
  package let operations: Set<String>

  /// Whether every relative difference is within the tolerance.
  public var agrees: Bool { rows.allSatisfy { $0.maxRelativeDifference <= tolerance } }

  public var description: String {
    var text = "order  input  max abs diff  max rel diff"
    for row in rows {
      text += "\n\(row.order)  \(row.input)  \(row.maxAbsoluteDifference)  \(row.maxRelativeDifference)"
    }
    return text
  }
}

/// Analytic and numeric derivatives disagree.
public struct GradientCheckFailure: Error, Sendable, CustomStringConvertible {
  public let report: GradientCheckReport
  public var description: String {
    "the derivatives disagree with finite differences by more than \(report.tolerance)\n\(report)"
  }
}

/// Compares the derivatives of `f` at `xs` with central finite differences, in float64.
///
/// An output of several elements is first weighted and summed. Order 2 compares the derivative of the
/// gradient, along a fixed random direction, with differences of the gradient. Integer inputs are held
/// fixed.
///
/// - Throws: `GradientCheckFailure` when a relative difference is above `tolerance` or not a number.
@discardableResult
public func checkGradient(
  at xs: [Tensor], order: Int = 2, tolerance: Double = 1e-6, _ f: ([Tensor]) throws -> Tensor
) throws -> GradientCheckReport {
  let inputs = try xs.map { $0.dtype.isFloating ? try $0.detach().cast(to: .float64) : $0 }
  let check = GradientCheck(inputs: inputs)
  guard !check.floating.isEmpty else {
    throw TensorError("checkGradient", .invalid("needs a floating tensor to differentiate by"))
  }
  var rows: [GradientCheckReport.Row] = []
  var operations: Set<String> = []
  func value(_ xs: [Tensor]) throws -> Tensor { try weighted(f(xs), seed: 1) }
  rows += try check.compare(1, value, &operations)
  if order >= 2 {
    rows += try check.compare(2, { try check.slopeAlongDirection($0, value) }, &operations)
  }
  let report = GradientCheckReport(rows: rows, tolerance: tolerance, operations: operations)
  guard report.agrees else { throw GradientCheckFailure(report: report) }
  return report
}

/// Σ x·w with fixed random weights w, over the tasks too.
private func weighted(_ x: Tensor, seed: UInt64) throws -> Tensor {
  let weights = try NDArray.normal(x.array.shape, key: RandomKey(seed: seed), x.dtype)
  return try (x * Tensor(weights, hasTasks: x.hasTasks)).sum().sumOverTasks()
}

private struct GradientCheck {
  let inputs: [Tensor]

  var floating: [Int] { inputs.indices.filter { inputs[$0].dtype.isFloating } }

  /// Differences between the analytic gradient of `f` and finite differences of its value.
  func compare(
    _ order: Int, _ f: ([Tensor]) throws -> Tensor, _ operations: inout Set<String>
  ) throws -> [GradientCheckReport.Row] {
    let arguments = try inputs.map { $0.dtype.isFloating ? try $0.asArgument() : $0 }
    let value = try f(arguments)
    operations.formUnion(recordedOperations(of: value))
    let analytic = try gradient(of: value, wrt: floating.map { arguments[$0] }).values
    var rows: [GradientCheckReport.Row] = []
    for (gradient, input) in zip(analytic, floating) {
      rows.append(try row(order, input, gradient.array.toDoubles(), f))
    }
    return rows
  }

  private func row(
    _ order: Int, _ input: Int, _ analytic: [Double], _ f: ([Tensor]) throws -> Tensor
  ) throws -> GradientCheckReport.Row {
    let numbers = try inputs[input].array.toDoubles()
    var largest = 0.0
    var relative = 0.0
    for position in numbers.indices {
      let step = 6e-6 * max(1, Swift.abs(numbers[position]))
      let above = try value(f, input, numbers, position, step)
      let below = try value(f, input, numbers, position, -step)
      let numeric = (above - below) / (2 * step)
      let difference = Swift.abs(numeric - analytic[position])
      let scaled = difference / max(1, Swift.abs(numeric), Swift.abs(analytic[position]))
      // NaN must not pass.
      largest = difference <= largest ? largest : difference
      relative = scaled <= relative ? relative : scaled
      if scaled.isNaN { break }
    }
    return .init(
      order: order, input: input, maxAbsoluteDifference: largest, maxRelativeDifference: relative)
  }

  /// `f` with one element of one input moved by `step`.
  private func value(
    _ f: ([Tensor]) throws -> Tensor, _ input: Int, _ numbers: [Double], _ position: Int, _ step: Double
  ) throws -> Double {
    var moved = numbers
    moved[position] += step
    var changed = inputs
    changed[input] = Tensor(
      try NDArray(moved, inputs[input].array.shape, dtype: .float64), hasTasks: inputs[input].hasTasks)
    return try f(changed).array.item()
  }

  /// The gradient of `f` along a fixed random direction, recorded when the inputs are.
  func slopeAlongDirection(
    _ arguments: [Tensor], _ f: ([Tensor]) throws -> Tensor
  ) throws -> Tensor {
    let points = try arguments.map { $0.dtype.isFloating ? try $0.asArgument() : $0 }
    let isRecorded = arguments.contains(where: \.isRecorded)
    let gradients = try gradient(of: f(points), wrt: floating.map { points[$0] }, createGraph: isRecorded)
    var slope = try Tensor(0, dtype: .float64)
    for (index, gradient) in gradients.values.enumerated() {
      slope = try slope + weighted(gradient, seed: UInt64(index) + 2)
    }
    return slope
  }
}

/// Names of the operations in the graph that led to `tensor`.
package func recordedOperations(of tensor: Tensor) -> Set<String> {
  guard let root = tensor.node else { return [] }
  var names: Set<String> = []
  var table = NodeTable()
  _ = table.enter(root)
  var next = 0
  while next < table.nodes.count {
    let node = table.nodes[next]
    next += 1
    guard let operation = node.operation else { continue }
    names.insert("\(operation.kind).\(operation.name)")
    for index in 0..<node.edgeCount {
      if let source = node.edge(index).node { _ = table.enter(source) }
    }
  }
  return names
}
