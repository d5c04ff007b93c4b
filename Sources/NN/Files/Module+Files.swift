import ArrayCore
import Autograd
import OrderedCollections

/// What a loose load left out.
public struct LoadReport: Sendable {
  /// Names of the model that the source did not have; they keep their values.
  public let missing: [String]
  /// Names of the source that the model does not have.
  public let unexpected: [String]
}

extension Module {
  /// The values of all parameters and buffers by dotted name, without their graph.
  public final func stateDictionary() -> NamedTensors {
    var state: NamedTensors = [:]
    for entry in parameterEntries() { state[entry.name] = entry.parameter.tensor.detach() }
    for (name, buffer) in namedBuffers() { state[name] = buffer.tensor }
    return state
  }

  final func namedBuffers() -> [(name: String, buffer: Buffer)] {
    namedModules().flatMap { prefix, module in
      module.ownBuffers.map { (name: prefix.isEmpty ? $0.name : "\(prefix).\($0.name)", buffer: $0.buffer) }
    }
  }

  /// Takes over values by name, converted to the parameters' dtype. Nothing is changed when it throws.
  ///
  /// - Parameters:
  ///   - tensors: by dotted name.
  ///   - strict: refuse missing and unexpected names. Other shapes are refused always.
  @discardableResult
  public final func load(_ tensors: NamedTensors, strict: Bool = true) throws -> LoadReport {
    try load(tensors, strict: strict, source: "the dictionary")
  }

  /// Reads a safetensors file.
  @discardableResult
  public final func load(path: String, strict: Bool = true) throws -> LoadReport {
    try load(loadTensors(path), strict: strict, source: path)
  }

  /// Writes the parameters and buffers as a safetensors file that Python's safetensors reads.
  public final func save(path: String) throws {
    try saveTensors(stateDictionary(), path, metadata: ["format": "pt"])
  }

  package final func load(_ tensors: NamedTensors, strict: Bool, source: String) throws -> LoadReport {
    let entries = parameterEntries()
    let buffers = namedBuffers()
    var expected: OrderedDictionary<String, Tensor> = [:]
    for entry in entries { expected[entry.name] = entry.parameter.tensor }
    for (name, buffer) in buffers { expected[name] = buffer.tensor }
    let missing = expected.keys.filter { tensors[$0] == nil }
    let unexpected = tensors.keys.filter { expected[$0] == nil }
    let misshaped = expected.compactMap { name, own -> NNError.Misshaped? in
      guard let found = tensors[name], found.shape != own.shape || found.taskCount != nil else { return nil }
      return NNError.Misshaped(name: name, expected: own.shape, found: found.shape)
    }
    guard misshaped.isEmpty, !strict || (missing.isEmpty && unexpected.isEmpty) else {
      throw NNError.loadMismatch(
        source: source, missing: strict ? Array(missing) : [], unexpected: strict ? Array(unexpected) : [],
        misshaped: misshaped)
    }
    // Independent constants of the model's dtypes, all made before the first is taken over.
    var values: [String: Tensor] = [:]
    for (name, own) in expected {
      guard let found = tensors[name] else { continue }
      let array = found.dtype == own.dtype ? found.array : try found.array.cast(to: own.dtype)
      values[name] = Tensor(array)
    }
    for entry in entries {
      if let value = values[entry.name] { try entry.parameter.assign(value) }
    }
    for (name, buffer) in buffers {
      if let value = values[name] { buffer.tensor = value }
    }
    return LoadReport(missing: Array(missing), unexpected: Array(unexpected))
  }
}
