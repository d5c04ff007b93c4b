import ArrayCore
import Autograd

/// Modules one after the other, named "0", "1", … or as given.
open class Sequential: Module {
  public let entries: [(name: String, module: Module)]
  /// How deep containers of this kind are nested in it, itself included. Calling recurses.
  private let depth: Int

  public required init(named entries: [(String, Module)]) throws {
    var names: Set<String> = []
    for (name, _) in entries {
      guard !name.isEmpty, !name.contains("."), names.insert(name).inserted else {
        throw NNError.argument(
          type: "Sequential", reason: "\"\(name)\" is empty, repeated, or has a dot in it")
      }
    }
    let depth = (entries.map { ($0.1 as? Sequential)?.depth ?? 0 }.max() ?? 0) + 1
    guard depth <= ModuleCopier.depthLimit else {
      throw NNError.argument(
        type: "Sequential", reason: "modules are nested more than \(ModuleCopier.depthLimit) deep")
    }
    self.depth = depth
    self.entries = entries.map { (name: $0.0, module: $0.1) }
    super.init()
  }

  public convenience init(_ modules: Module...) throws { try self.init(modules) }

  public convenience init(_ modules: [Module]) throws {
    try self.init(named: modules.enumerated().map { ("\($0.offset)", $0.element) })
  }

  public final var modules: [Module] { entries.map(\.module) }

  override open var children: [(name: String, module: Module)] { entries }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(named: entries.map { ($0.name, try copier($0.module)) })
  }

  override open var hasPureForward: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    guard !entries.isEmpty else { return try single(inputs) }
    var values = inputs
    var next = 0
    while next < entries.count {
      if let block = FusedBlock(entries[next...].prefix(4).map(\.module)) {
        values = [try block.forward(values)]
        next += block.length
      } else {
        values = [try entries[next].module.forward(values)]
        next += 1
      }
    }
    return try single(values)
  }
}

/// torchmeta's name for ``Sequential``: which parameters are adapted is for the modules inside to say.
public final class MetaSequential: Sequential, MetaModule {}
