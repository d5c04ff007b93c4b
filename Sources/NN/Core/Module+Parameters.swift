import ArrayCore
import Autograd
import OrderedCollections

extension Module {
  /// The module itself (name "") and all below it, each once, parents before children.
  public final func namedModules() -> [(name: String, module: Module)] {
    var found: [(name: String, module: Module)] = []
    var seen: Set<ObjectIdentifier> = []
    // No recursion: modules of the user's may be nested very deep.
    var waiting: [(name: String, module: Module)] = [("", self)]
    while let (name, module) = waiting.popLast() {
      guard seen.insert(ObjectIdentifier(module)).inserted else { continue }
      found.append((name, module))
      for child in module.children.reversed() {
        waiting.append((name.isEmpty ? child.name : "\(name).\(child.name)", child.module))
      }
    }
    return found
  }

  /// Every parameter once, under its first name.
  package final func parameterEntries() -> [ParameterEntry] { structure.entries }

  /// Whether the forward pass of the whole model may be replayed.
  package final var isReplayable: Bool { structure.isReplayable }

  /// All parameters by dotted name.
  public final func namedParameters() -> NamedParameters { structure.parameters }

  /// The parameters that meta modules own, by dotted name: those that the inner loop adapts
  /// (torchmeta's `meta_named_parameters`).
  public final func metaNamedParameters() -> NamedParameters { structure.metaParameters }

  /// How many numbers the parameters hold.
  public final var parameterCount: Int {
    parameterEntries().reduce(0) { $0 + $1.parameter.shape.elementCount }
  }

  /// Converts the parameters and buffers to a floating dtype, in place.
  @discardableResult
  public final func to(_ dtype: DType) throws -> Self {
    guard dtype.isFloating else {
      throw NNError.argument(type: className, reason: "parameters cannot be \(dtype.name)")
    }
    let parameters = parameterEntries().map(\.parameter)
    let values = try parameters.map { try Tensor($0.tensor.array.cast(to: dtype)) }
    let buffers = namedModules().flatMap { $0.module.ownBuffers }.map(\.buffer)
    let bufferValues = try buffers.map {
      $0.tensor.dtype.isFloating ? try Tensor($0.tensor.array.cast(to: dtype)) : $0.tensor
    }
    for (parameter, value) in zip(parameters, values) { try parameter.assign(value) }
    for (buffer, value) in zip(buffers, bufferValues) { buffer.tensor = value }
    return self
  }

  /// An independent model with equal parameters, buffers and mode. Modules and parameters used in several places
  /// stay shared inside the copy.
  public final func copy() throws -> Module { try ModuleCopier()(self) }

  /// The modules that own parameters, and those without children, as rows of a table.
  public final var summaryRows: [SummaryRow] {
    namedModules().compactMap { name, module in
      let own = module.ownParameters
      guard !own.isEmpty || module.children.isEmpty else { return nil }
      return SummaryRow(
        name: name, type: module.className, settings: module.settings,
        shapes: own.map { "\($0.name) \($0.parameter.shape)" }.joined(separator: ", "),
        parameters: own.reduce(0) { $0 + $1.parameter.shape.elementCount },
        isAdapted: module.isMeta && own.contains { !$0.parameter.isFrozen },
        isFrozen: !own.isEmpty && own.allSatisfy(\.parameter.isFrozen))
    }
  }
}

/// One line of ``Module/summaryRows``.
public struct SummaryRow: Sendable {
  /// The dotted name; empty for the model itself.
  public let name: String
  public let type: String
  public let settings: String
  /// The own parameters with their shapes.
  public let shapes: String
  /// How many numbers they hold.
  public let parameters: Int
  /// Whether the inner loop adapts them.
  public let isAdapted: Bool
  /// Whether all of them are frozen.
  public let isFrozen: Bool
}

/// Copies modules and parameters, each once, so that what was shared stays shared.
public final class ModuleCopier {
  private var modules: [ObjectIdentifier: Module] = [:]
  private var parameters: [ObjectIdentifier: Parameter] = [:]
  /// The modules whose copies are being made.
  private var open: Set<ObjectIdentifier> = []

  /// How deep modules may be nested.
  static let depthLimit = 200

  public init() {}

  public func callAsFunction(_ module: Module) throws -> Module {
    if let copy = modules[ObjectIdentifier(module)] { return copy }
    guard open.insert(ObjectIdentifier(module)).inserted else {
      throw NNError.argument(type: module.className, reason: "it contains itself and cannot be copied")
    }
    defer { open.remove(ObjectIdentifier(module)) }
    if open.count > Self.depthLimit {
      throw NNError.argument(
        type: module.className, reason: "modules are nested more than \(Self.depthLimit) deep")
    }
    let copy = try module.makeCopy(self)
    copy.isTraining = module.isTraining
    modules[ObjectIdentifier(module)] = copy
    return copy
  }

  /// The copy of a child of known type.
  public func callAsFunction<M: Module>(typed module: M) throws -> M {
    guard let copy = try self(module) as? M else {
      throw NNError.notImplemented(module: module.className, method: "makeCopy of its own type")
    }
    return copy
  }

  public func callAsFunction(_ parameter: Parameter) throws -> Parameter {
    if let copy = parameters[ObjectIdentifier(parameter)] { return copy }
    let copy = try Parameter(parameter.tensor.detach())
    copy.isFrozen = parameter.isFrozen
    parameters[ObjectIdentifier(parameter)] = copy
    return copy
  }

  public func callAsFunction(_ buffer: Buffer) -> Buffer { Buffer(buffer.tensor) }
}
