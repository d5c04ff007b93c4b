import ArrayCore
import NN

extension Audit {
  /// Layers that see the whole query set, and layers that start alike.
  mutating func lookAt(_ model: Module, keepsStatistics: Bool) {
    let modules = model.namedModules()
    looked.append("the model: \(modules.count) module\(modules.count == 1 ? "" : "s")")
    func name(_ entry: (name: String, module: Module)) -> String {
      entry.name.isEmpty ? entry.module.className : entry.name
    }
    if !keepsStatistics {
      let norms = model.evaluating {
        modules.filter { ($0.module as? BatchNorm)?.usesBatchStatistics ?? false }
      }
      if let first = norms.first {
        let names = norms.prefix(4).map(name).joined(separator: ", ") + (norms.count > 4 ? ", …" : "")
        add(
          .batchStatistics,
          "transductive: \(names) normalise\(norms.count == 1 ? "s" : "") by the statistics of the whole test (query) set, so that a prediction depends on the other query samples",
          hint:
            "say so beside the numbers (Nichol et al. 2018 report both ways), or use MetaLayerNorm, or MAMLPlusPlus(…, perStepStatistics: true)",
          of: first.module)
      }
    }
    // Weights of several rows do not start alike by chance.
    var known: [SampleDigest: (name: String, module: Module)] = [:]
    for entry in modules {
      for (_, parameter) in entry.module.ownParameters
      where parameter.shape.rank > 1 && parameter.shape.elementCount > 1 {
        guard let numbers = try? parameter.tensor.toDoubles(), Set(numbers.prefix(64)).count > 1 else {
          continue
        }
        var digest = SampleDigest()
        for number in numbers { digest.combine(number) }
        guard let earlier = known[digest] else {
          known[digest] = entry
          continue
        }
        guard earlier.module !== entry.module else { continue }
        add(
          .repeatedSeed,
          "\(name(earlier)) and \(name(entry)) of the model have the same weights: one seed made both",
          hint: "give one of the layers another seed", of: entry.module,
          other: (earlier.module, name(earlier)))
      }
    }
  }
}
