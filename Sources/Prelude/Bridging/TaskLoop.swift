import ArrayCore
import Autograd
import Interpreter

/// Code of the user that runs under the hidden task axis and may turn out to need one task at a time.
///
/// When such code looks at a number of a tensor that carries tasks, the tensor library throws `.needsTaskLoop`. That error
/// passes through the user's code, which might catch it, so it is noted here and thrown again when the code returns; the
/// learner then runs the tasks one after the other.
final class TaskLoop {
  private var isNeeded = false

  /// Runs library code for the user's, noting when it says that a loop is needed.
  static func noticing<Result>(_ evaluation: Evaluation, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as TensorError where error.kind == .needsTaskLoop {
      evaluation.state(TaskLoop.self) { TaskLoop() }.isNeeded = true
      throw error
    }
  }

  /// Runs code of the user for a learner.
  static func running<Result>(_ evaluation: Evaluation, _ body: () throws -> Result) throws -> Result {
    let state = evaluation.state(TaskLoop.self) { TaskLoop() }
    let outcome = Swift.Result { try body() }
    if state.isNeeded {
      state.isNeeded = false
      throw TensorError("item", .needsTaskLoop)
    }
    return try outcome.get()
  }

  /// Calls a function of the user that gives a tensor.
  static func tensor(
    _ evaluation: Evaluation, of what: String, _ call: () throws -> Value
  ) throws -> Tensor {
    try running(evaluation) {
      let value = try call()
      guard let tensor = try Tensor.converting(value) else {
        throw TensorError(what, .invalid("must give a Tensor, not \(value.typeDescription)"))
      }
      return tensor
    }
  }
}
