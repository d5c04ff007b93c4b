import ArrayCore
import Autograd
import OrderedCollections

/// The running statistics of batch normalisation that a learner keeps itself, one row for each inner step. While a
/// forward pass runs with them, training passes hand over their batches' statistics and evaluation normalises by the
/// kept ones of the step; the learner decides when they change.
///
/// It belongs to the thread that runs the learner.
package final class StepStatistics {
  /// What is kept for one module: [steps, features] each.
  package struct Rows {
    package let mean: Buffer
    package let variance: Buffer

    package init(steps: Int, features: Int, dtype: DType) throws {
      mean = Buffer(try Tensor.zeros([steps, features], dtype: dtype))
      variance = Buffer(try Tensor.ones([steps, features], dtype: dtype))
    }
  }

  /// What the batches of one module at one step had, a pass after the other.
  private struct Sums {
    var mean: Tensor
    var variance: Tensor
    var passes = 1
  }

  private struct Place: Hashable {
    let module: ObjectIdentifier
    let step: Int
  }

  /// The rows of each module that has some, by its name in the model.
  package let rows: OrderedDictionary<String, Rows>
  private let modules: OrderedDictionary<ObjectIdentifier, Rows>
  /// Keeps the modules, so that their identities are not reused.
  private let norms: [BatchNorm]
  /// How many steps are told apart; later ones count as the last.
  package let steps: Int
  private var step = 0
  private var sums: [Place: Sums] = [:]

  /// Rows for every batch normalisation of a model.
  package init(of model: Module, steps: Int) throws {
    var rows: OrderedDictionary<String, Rows> = [:]
    var modules: OrderedDictionary<ObjectIdentifier, Rows> = [:]
    var norms: [BatchNorm] = []
    let dtype = model.namedParameters().values.first?.dtype ?? .float32
    for (name, module) in model.namedModules() {
      guard let norm = module as? BatchNorm else { continue }
      let own = try Rows(steps: steps, features: norm.featureCount, dtype: dtype)
      rows[name] = own
      modules[ObjectIdentifier(norm)] = own
      norms.append(norm)
    }
    self.rows = rows
    self.modules = modules
    self.norms = norms
    self.steps = steps
  }

  /// Says which step the next pass belongs to.
  package func begin(step: Int) { self.step = min(max(step, 0), steps - 1) }

  /// Forgets what was handed over.
  package func restart() { sums.removeAll(keepingCapacity: true) }

  /// The kept statistics of a module at this step, [features] each.
  func kept(_ module: BatchNorm) throws -> (mean: Tensor, variance: Tensor)? {
    guard let own = modules[ObjectIdentifier(module)] else { return nil }
    return (try own.mean.tensor.at(step), try own.variance.tensor.at(step))
  }

  /// Takes a batch's statistics, [features] each, the variance unbiased.
  func add(_ module: BatchNorm, mean: Tensor, variance: Tensor) throws {
    let place = Place(module: ObjectIdentifier(module), step: step)
    guard modules[place.module] != nil else { return }
    guard let old = sums[place] else {
      sums[place] = Sums(mean: mean, variance: variance)
      return
    }
    sums[place] = Sums(
      mean: try old.mean + mean, variance: try old.variance + variance, passes: old.passes + 1)
  }

  /// What was handed over since the restart: for each module its means and its variances, [steps, features], the mean
  /// over passes, of each of `taskCount` tasks. Steps without a pass count with what is kept.
  package func collected(taskCount: Int?) throws -> [Tensor] {
    var tensors: [Tensor] = []
    for (module, own) in modules {
      var (means, variances): ([Tensor], [Tensor]) = ([], [])
      for step in 0..<steps {
        func perTask(_ tensor: Tensor, _ passes: Int) throws -> Tensor {
          let one = try tensor.detach() / Double(passes)
          return try taskCount.map { try one.withTasks($0) } ?? one
        }
        let found = sums[Place(module: module, step: step)]
        means.append(try perTask(found?.mean ?? own.mean.tensor.at(step), found?.passes ?? 1))
        variances.append(try perTask(found?.variance ?? own.variance.tensor.at(step), found?.passes ?? 1))
      }
      tensors += [try stack(means), try stack(variances)]
    }
    return tensors
  }
}
