import Autograd

/// The parameters of a model with their names, and what follows from the kinds of its modules. Found once for a model
/// whose parts do not change.
package final class ModelStructure {
  /// Every parameter once, under its first name.
  package let entries: [ParameterEntry]
  package let parameters: NamedParameters
  package let metaParameters: NamedParameters
  /// Whether the forward pass of the whole model may be replayed.
  package let isReplayable: Bool
  /// The largest number of channels that a convolution gives, 0 without one.
  package let widestConvolution: Int

  init(of modules: [(name: String, module: Module)]) {
    var entries: [ParameterEntry] = []
    var seen: Set<ObjectIdentifier> = []
    for (prefix, module) in modules {
      let isMeta = module.isMeta
      for (name, parameter) in module.ownParameters
      where seen.insert(ObjectIdentifier(parameter)).inserted {
        entries.append(
          ParameterEntry(
            name: prefix.isEmpty ? name : "\(prefix).\(name)", parameter: parameter, isMeta: isMeta,
            owner: module.className))
      }
    }
    var (all, meta): (NamedParameters, NamedParameters) = ([:], [:])
    for entry in entries {
      all[entry.name] = entry.parameter
      if entry.isMeta { meta[entry.name] = entry.parameter }
    }
    self.entries = entries
    parameters = all
    metaParameters = meta
    isReplayable = modules.allSatisfy(\.module.hasPureForward)
    widestConvolution = modules.map { ($0.module as? Convolution)?.weight.shape[0] ?? 0 }.max() ?? 0
  }
}

/// A parameter with its place in a model.
package struct ParameterEntry {
  package let name: String
  package let parameter: Parameter
  /// Whether it belongs to a meta module.
  package let isMeta: Bool
  /// The type of the module that owns it.
  package let owner: String
}

extension Module {
  package final var structure: ModelStructure {
    if let foundStructure { return foundStructure }
    let modules = namedModules()
    let structure = ModelStructure(of: modules)
    if modules.allSatisfy(\.module.hasFixedParts) { foundStructure = structure }
    return structure
  }
}
