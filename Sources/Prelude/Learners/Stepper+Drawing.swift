import Autograd
import Display
import Glibc
import Interpreter
import MetaLearning

extension Stepper {
  /// At most so many steps are drawn.
  private static var drawnSteps: Int { 6 }

  /// The steps that are drawn: all, or some of them with the first and the last.
  private var drawn: [Int] {
    let last = count - 1
    guard last >= Self.drawnSteps else { return Array(0...last) }
    return (0..<Self.drawnSteps).map { $0 * last / (Self.drawnSteps - 1) }
  }

  private func name(_ step: Int) -> String { step == 1 ? "1 step" : "\(step) steps" }

  /// The model after some of the steps, by the names of its curves.
  ///
  /// - Returns: nil for samples that are neither points of a curve nor labelled.
  func drawing(_ steps: [(step: Int, name: String)]? = nil, dashing dashed: String? = nil) throws -> (
    series: [Plot.Series], x: String, y: String
  )? {
    let steps = steps ?? drawn.map { ($0, name($0)) }
    if task.train.targets.dtype == .int64 {
      return try (confidences(steps), "\(task.test == nil ? "support" : "query") sample", "p(right class)")
    }
    let shape = task.train.inputs.shape
    guard shape.elementCount == shape.first, task.train.targets.shape.elementCount == shape.first else {
      return nil
    }
    let series = try curves(steps).map { one in
      var one = one
      one.isDashed = one.name == dashed
      return one
    }
    return (series, "x", "y")
  }

  private func curves(_ steps: [(step: Int, name: String)]) throws -> [Plot.Series] {
    let samples = [task.train] + (task.test.map { [$0] } ?? [])
    let xs = try samples.flatMap { try $0.inputs.toDoubles() }
    let (low, high) = (xs.min() ?? 0, xs.max() ?? 1)
    let grid = (0...100).map { low + (high - low) * Double($0) / 100 }
    let shape = [grid.count] + Array(task.train.inputs.shape.dropFirst())
    let inputs = try Tensor(grid, shape: .init(shape), dtype: task.train.inputs.dtype)
    var series: [Plot.Series] = []
    if let test = task.test {
      let (x, y) = try (test.inputs.toDoubles(), test.targets.toDoubles())
      if let wave, zip(x, y).allSatisfy({ abs(wave($0) - $1) < 1e-3 }) {
        series.append(Plot.Series("true curve", x: grid, y: grid.map(wave)))
      } else {
        series.append(Plot.Series("test (query)", mark: .points, x: x, y: y))
      }
    }
    for (step, name) in steps {
      series.append(Plot.Series(name, x: grid, y: try prediction(for: inputs, at: step).toDoubles()))
    }
    series.append(
      Plot.Series(
        "train (support)", mark: .points, x: try task.train.inputs.toDoubles(),
        y: try task.train.targets.toDoubles()))
    return series
  }

  /// The curve that a sinusoid's samples were taken from.
  private var wave: ((Double) -> Double)? {
    guard let amplitude = task.attributes["amplitude"], let phase = task.attributes["phase"] else {
      return nil
    }
    let frequency = task.attributes["frequency"] ?? 1
    return { amplitude * sin(frequency * $0 - phase) }
  }

  private func confidences(_ steps: [(step: Int, name: String)]) throws -> [Plot.Series] {
    let samples = task.test ?? task.train
    let labels = try samples.targets.unsqueeze(1)
    return try steps.map { step, name in
      let scores = try logSoftmax(prediction(for: samples.inputs, at: step), axis: 1)
      let right = try exp(gather(scores, axis: 1, index: labels)).toDoubles()
      return Plot.Series(name, mark: .points, x: right.indices.map(Double.init), y: right)
    }
  }
}
