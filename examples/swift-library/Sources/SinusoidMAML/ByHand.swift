import Autograd
import MetaLearning
import NN

/// MAML's outer loss written out: `steps` gradient steps on each task's support set, then the mean loss on the query sets.
///
/// The adapted parameters stay attached to the model's own, so that the gradient of the result goes through the steps.
func outerLoss(_ model: Module, _ batch: Batch, stepSize: Double, steps: Int) throws -> Tensor {
  var total = try Tensor(0)
  for task in try batch.tasks {
    guard let query = task.test else { continue }
    var fast: NamedTensors?
    for _ in 0..<steps {
      let loss = try mse(model(task.train.inputs, params: fast), task.train.targets)
      fast = try gradientUpdateParameters(model, loss, params: fast, stepSize: .scalar(stepSize))
    }
    total = try total + mse(model(query.inputs, params: fast), query.targets)
  }
  return try total / Double(batch.count)
}
