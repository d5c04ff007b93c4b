import Autograd
import OrderedCollections

extension Module {
  /// Keeps parameters as they are, until ``unfreeze(_:)``: they are constants, which inner loops, outer loops and
  /// optimizers leave out. Replacements of them can still be given.
  ///
  /// - Parameter patterns: dotted names in which `*` stands for any characters.
  /// - Throws: ``NNError/noParameterMatches(pattern:known:)`` when one fits no parameter; nothing has changed then.
  public final func freeze(_ patterns: [String] = ["*"]) throws { try setFrozen(true, patterns) }

  /// Lets parameters be learned again.
  ///
  /// - Parameter patterns: as in ``freeze(_:)``.
  public final func unfreeze(_ patterns: [String] = ["*"]) throws { try setFrozen(false, patterns) }

  private func setFrozen(_ isFrozen: Bool, _ patterns: [String]) throws {
    let all = namedParameters()
    let chosen = try patterns.flatMap { pattern in
      let fitting = all.filter { matches($0.key, pattern: pattern) }
      guard !fitting.isEmpty else {
        throw NNError.noParameterMatches(pattern: pattern, known: Array(all.keys))
      }
      return fitting.values
    }
    for parameter in chosen { parameter.isFrozen = isFrozen }
  }

  /// The parameters that are not frozen, by dotted name.
  public final var trainableParameters: NamedParameters { namedParameters().filter { !$0.value.isFrozen } }

  /// The parameters that stay as they are, by dotted name.
  public final var frozenParameters: NamedParameters { namedParameters().filter { $0.value.isFrozen } }
}
