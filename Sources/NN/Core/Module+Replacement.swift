import ArrayCore
import Autograd
import OrderedCollections

extension Module {
  /// Runs `body` with some of the parameters replaced, and restores what was there before, also when it throws.
  /// Calls nest: an inner one may replace some of the names of an outer one.
  ///
  /// - Parameters:
  ///   - params: by dotted name. They may carry a task axis. An absent name keeps what is in force.
  ///   - body: what is run.
  public final func withReplacements<R>(_ params: NamedTensors, _ body: () throws -> R) throws -> R {
    try withReplacedParameters(resolve(params), body)
  }

  /// The parameters that `params` names. Refuses unknown names, names of plain modules and other shapes.
  package final func resolve(_ params: NamedTensors) throws -> [(Parameter, Tensor)] {
    guard !params.isEmpty else { return [] }
    let entries = parameterEntries()
    var places: [String: Int] = [:]
    for (index, entry) in entries.enumerated() { places[entry.name] = index }
    return try params.map { name, tensor in
      guard let place = places[name] else {
        throw NNError.unknownParameter(name: name, model: className, known: entries.map(\.name))
      }
      let entry = entries[place]
      guard entry.isMeta else {
        throw NNError.notReplaceable(name: name, module: entry.owner)
      }
      guard entry.parameter.shape == tensor.shape else {
        throw NNError.shapeDiffers(name: name, expected: entry.parameter.shape, found: tensor.shape)
      }
      return (entry.parameter, tensor)
    }
  }
}

/// Runs `body` with the parameters' values replaced.
package func withReplacedParameters<R>(_ pairs: [(Parameter, Tensor)], _ body: () throws -> R) rethrows -> R {
  let previous = pairs.map { $0.0.replacement }
  for (parameter, tensor) in pairs { parameter.replacement = tensor }
  defer {
    // In reverse: a parameter that is named twice gets back what it had first.
    for (pair, old) in zip(pairs, previous).reversed() { pair.0.replacement = old }
  }
  guard ForwardScope.current == nil, !pairs.isEmpty else { return try body() }
  return try ForwardScope.$current.withValue(ForwardScope(), operation: body)
}
