import ArrayCore
import Autograd

/// Compares a computation over tasks at once with a loop over the tasks.
///
/// Every input is tried with and without its own value for each task. Compared are values, first and
/// second derivatives, both for each task by itself and summed over the tasks.
public struct TaskAgreement {
  /// The inputs of task `t`.
  let inputs: (_ task: Int) throws -> [Tensor]
  let function: ([Tensor]) throws -> Tensor
  let taskCount: Int

  public init(
    taskCount: Int = 3, inputs: @escaping (_ task: Int) throws -> [Tensor],
    function: @escaping ([Tensor]) throws -> Tensor
  ) {
    self.taskCount = taskCount
    self.inputs = inputs
    self.function = function
  }

  /// What disagrees by more than `tolerance`, in words; empty when all agrees.
  public func disagreements(_ tolerance: Double = 1e-12) throws -> [String] {
    let count = try inputs(0).count
    var found: [String] = []
    for subset in 1..<(1 << count) {
      let separate = (0..<count).map { subset & (1 << $0) != 0 }
      for (quantity, difference) in try compare(separate) where !(difference <= tolerance) {
        found.append("\(quantity) differs by \(difference) with separate inputs \(separate)")
      }
    }
    return found
  }

  private func compare(_ separate: [Bool]) throws -> [(String, Double)] {
    let perTask = try (0..<taskCount).map { try inputs($0) }
    var batched: [Tensor] = []
    for index in separate.indices {
      batched.append(
        separate[index] ? try Tensor.stackTasks(perTask.map { $0[index] }) : perTask[0][index])
    }
    let together = try Quantities(batched, function)
    let alone = try (0..<taskCount).map { task in
      try Quantities(separate.indices.map { perTask[separate[$0] ? task : 0][$0] }, function)
    }
    return try values(together, alone) + summed(together, alone, separate)
  }

  /// Each task by itself.
  private func values(_ together: Quantities, _ alone: [Quantities]) throws -> [(String, Double)] {
    var rows: [(String, Double)] = []
    let value = try together.value.withTasks(taskCount).perTask()
    for task in 0..<taskCount {
      rows.append(("value of task \(task)", try largestDifference(value[task], alone[task].value)))
    }
    for (name, batched, single) in [
      ("gradient", together.gradients, alone.map(\.gradients)),
      ("second derivative", together.second, alone.map(\.second)),
    ] {
      for index in batched.indices {
        let tasks = try batched[index].withTasks(taskCount).perTask()
        for task in 0..<taskCount {
          rows.append(
            ("\(name) \(index) of task \(task)", try largestDifference(tasks[task], single[task][index])))
        }
      }
    }
    return rows
  }

  /// The mean over the tasks: separate inputs get a share each, a shared one the mean.
  private func summed(
    _ together: Quantities, _ alone: [Quantities], _ separate: [Bool]
  ) throws -> [(String, Double)] {
    var rows: [(String, Double)] = []
    let floats = together.floating
    for (name, batched, single) in [
      ("summed gradient", together.meanGradients, alone.map(\.gradients)),
      ("summed second derivative", together.meanSecond, alone.map(\.second)),
    ] {
      for (position, input) in floats.enumerated() {
        let shares = try single.map { try $0[position] / Double(taskCount) }
        let expected =
          try separate[input] ? Tensor.stackTasks(shares) : Tensor.stackTasks(shares).sumOverTasks()
        rows.append(("\(name) \(position)", try largestDifference(batched[position], expected)))
      }
    }
    return rows
  }

  /// Value and derivatives of one function at one set of inputs.
  private struct Quantities {
    var value: Tensor
    var gradients: [Tensor]
    var second: [Tensor]
    var meanGradients: [Tensor]
    var meanSecond: [Tensor]
    var floating: [Int]

    init(_ inputs: [Tensor], _ function: ([Tensor]) throws -> Tensor) throws {
      let arguments = try inputs.map { $0.dtype.isFloating ? try $0.asArgument() : $0 }
      floating = inputs.indices.filter { inputs[$0].dtype.isFloating }
      let leaves = floating.map { arguments[$0] }
      value = try function(arguments)
      let loss = try weighted(value, 1)
      gradients = try gradient(of: loss, wrt: leaves, createGraph: true).values
      meanGradients = try gradient(of: loss.meanOverTasks(), wrt: leaves).values
      var slope = try Tensor(0, dtype: .float64)
      for (index, gradient) in gradients.enumerated() {
        slope = try slope + weighted(gradient, UInt64(index) + 2)
      }
      second = try gradient(of: slope, wrt: leaves).values
      meanSecond = try gradient(of: slope.meanOverTasks(), wrt: leaves).values
      value = value.detach()
    }
  }
}

/// Σ x·w for each task, with weights equal for all tasks.
private func weighted(_ x: Tensor, _ seed: UInt64) throws -> Tensor {
  try (x * Tensor.randn(x.shape, seed: seed, dtype: x.dtype)).sum()
}
