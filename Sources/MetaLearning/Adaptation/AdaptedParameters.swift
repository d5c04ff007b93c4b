import Autograd
import NN
import OrderedCollections

extension Module {
  /// The meta parameters that fit a pattern, frozen or not.
  ///
  /// - Throws: ``LearningError/nothingToAdapt(model:patterns:known:)`` where none does.
  func adaptedParameters(
    _ patterns: [String] = ["*"], without outerOnly: Set<ObjectIdentifier> = []
  ) throws -> NamedParameters {
    let all = metaNamedParameters()
    let meta = outerOnly.isEmpty ? all : all.filter { !outerOnly.contains(ObjectIdentifier($0.value)) }
    let chosen =
      patterns == ["*"]
      ? meta : meta.filter { entry in patterns.contains { matches(entry.key, pattern: $0) } }
    guard !chosen.isEmpty else {
      throw LearningError.nothingToAdapt(model: className, patterns: patterns, known: Array(meta.keys))
    }
    return chosen
  }
}

extension NamedParameters {
  /// Those that an inner loop may change, and the names of the frozen ones.
  ///
  /// - Throws: ``LearningError/allFrozen(model:names:)`` where all of them are.
  func withoutFrozen(in model: Module) throws -> (moving: NamedParameters, frozen: [String]) {
    guard values.contains(where: \.isFrozen) else { return (self, []) }
    let moving = filter { !$0.value.isFrozen }
    guard !moving.isEmpty else {
      throw LearningError.allFrozen(model: model.className, names: Array(keys))
    }
    return (moving, filter { $0.value.isFrozen }.map(\.key))
  }
}

/// Remarks about parameters that a step has not changed.
func unchangedNotes(unreached: [String], frozen: [String]) -> [String] {
  var notes: [String] = []
  if !unreached.isEmpty { notes.append("the loss does not depend on \(listed(unreached)); left unchanged") }
  if !frozen.isEmpty {
    notes.append("\(listed(frozen)) \(frozen.count == 1 ? "is" : "are") frozen; left unchanged")
  }
  return notes
}
