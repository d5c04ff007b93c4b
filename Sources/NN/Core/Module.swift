import ArrayCore
import Autograd
import OrderedCollections

/// Tensors by dotted parameter name, in the model's order.
public typealias NamedTensors = OrderedDictionary<String, Tensor>
/// Parameters by dotted name, in the model's order.
public typealias NamedParameters = OrderedDictionary<String, Parameter>

/// A part of a model: a function of tensors with parameters of its own and with child modules.
///
/// A subclass declares its parameters and children as stored `let` properties and overrides `forward`:
///
/// ```swift
/// final class Net: Module, MetaModule {
///   let conv: MetaConv2d
///   init(seed: UInt64) throws {
///     conv = try MetaConv2d(1, 8, kernelSize: 3, padding: 1, seed: seed)
///     super.init()
///   }
///   override func forward(_ inputs: [Tensor]) throws -> Tensor { try relu(conv(inputs[0])) }
/// }
/// ```
///
/// The names are those of the properties, joined by dots (`conv.weight`), as in PyTorch and torchmeta. A module
/// that conforms to ``MetaModule`` has its own parameters adapted in the inner loop; those of other modules are
/// learned in the outer loop only. Replacement parameters and the hidden task axis reach every module without
/// any code for it: `forward` sees the shapes of one task, and `Parameter.value` is the replacement while there
/// is one.
///
/// Modules are references and belong to the thread that runs the program.
open class Module: CustomStringConvertible {
  /// True in training (the initial state), false after ``eval()``. Changes dropout and running statistics only.
  public internal(set) final var isTraining = true

  private lazy var members = ModuleMembers(reflecting: self)
  /// Kept where the parts of all modules below are fixed.
  final var foundStructure: ModelStructure?

  public init() {}

  // MARK: What a subclass may override

  /// The child modules by name. By default the stored properties that are modules or arrays of modules
  /// (`layers.0`), found once; override it if they change.
  open var children: [(name: String, module: Module)] { members.children }

  /// The module's own parameters by name, without those of its children.
  open var ownParameters: [(name: String, parameter: Parameter)] { members.parameters }

  /// Values that are saved with the model but not learned: running statistics.
  open var ownBuffers: [(name: String, buffer: Buffer)] { members.buffers }

  /// Whether the module's own parameters are adapted in the inner loop and may be replaced.
  open var isMeta: Bool { self is any MetaModule }

  /// Whether `forward` of this module itself, its children aside, computes tensors from its inputs and parameters and
  /// does nothing else: no changing state, no reading of numbers, no output. Training then replays its kernels
  /// without calling it again. A class that overrides `forward` says so for itself.
  open var hasPureForward: Bool { false }

  /// Whether the children and parameters are always those that were there at first, so that they are looked for once.
  open var hasFixedParts: Bool { hasPureForward }

  /// The name shown in summaries and errors.
  open var className: String { String(describing: type(of: self)) }

  /// The constructor's arguments as shown in descriptions.
  open var settings: String { "" }

  /// Computes the output. Call the module itself instead: `model(x)`.
  open func forward(_ inputs: [Tensor]) throws -> Tensor {
    throw NNError.notImplemented(module: className, method: "forward")
  }

  /// Gives the module's own parameters their starting values, drawn anew where its initializer draws them. Nothing for
  /// modules without parameters.
  open func drawParameters(seed: UInt64) throws {}

  /// A new module with the same structure, made of the copier's copies of its parts.
  open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    throw NNError.notImplemented(module: className, method: "makeCopy")
  }

  // MARK: Calling

  public final func callAsFunction(_ inputs: Tensor...) throws -> Tensor { try forward(inputs) }

  /// The output with some of the parameters replaced for the time of the call.
  ///
  /// - Parameters:
  ///   - input: the only input.
  ///   - params: by dotted name; an absent name uses the model's own parameter.
  /// - Throws: ``NNError/unknownParameter(name:model:known:)`` and its neighbours for names and shapes that do not
  ///   fit.
  public final func callAsFunction(_ input: Tensor, params: NamedTensors?) throws -> Tensor {
    try self([input], params: params)
  }

  public final func callAsFunction(_ inputs: [Tensor], params: NamedTensors? = nil) throws -> Tensor {
    guard let params else { return try forward(inputs) }
    return try withReplacements(params) { try forward(inputs) }
  }

  // MARK: Mode

  /// Puts the module and all below it in training mode.
  @discardableResult
  public final func train(_ mode: Bool = true) -> Self {
    for entry in namedModules() { entry.module.isTraining = mode }
    return self
  }

  /// Puts the module and all below it in evaluation mode: dropout passes its input on, and batch normalisation
  /// with running statistics uses them. The order of derivatives is not affected.
  @discardableResult
  public final func eval() -> Self { train(false) }

  public final var description: String { tree(indent: "", inside: []) }

  /// How deep the description follows children.
  private static let describedDepth = 64

  /// - Parameter ancestors: the modules around this one; a module of the user's can contain itself.
  private func tree(indent: String, inside ancestors: Set<ObjectIdentifier>) -> String {
    let id = ObjectIdentifier(self)
    if ancestors.count >= Self.describedDepth || ancestors.contains(id) { return "\(className)(…)" }
    let around = ancestors.union([id])
    let children = self.children
    guard !children.isEmpty else { return "\(className)(\(settings))" }
    var text = "\(className)(\n"
    for child in children {
      text += "\(indent)  (\(child.name)): \(child.module.tree(indent: indent + "  ", inside: around))\n"
    }
    return text + "\(indent))"
  }
}

/// Marks a module whose own parameters are adapted in the inner loop and may be replaced in a call
/// (torchmeta's `MetaModule`).
public protocol MetaModule: Module {}

/// A value that is saved with a model but is not learned.
public final class Buffer {
  public var tensor: Tensor
  public init(_ tensor: Tensor) { self.tensor = tensor }
}

/// The parameters, buffers and children among a module's stored properties, in the order of declaration.
struct ModuleMembers {
  var children: [(name: String, module: Module)] = []
  var parameters: [(name: String, parameter: Parameter)] = []
  var buffers: [(name: String, buffer: Buffer)] = []

  init(reflecting module: Module) {
    var layers: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: module)
    while let layer = mirror, layer.subjectType != Module.self {
      layers.append(layer)
      mirror = layer.superclassMirror
    }
    for layer in layers.reversed() {
      for case (let label?, let value) in layer.children { add(label, value) }
    }
  }

  private mutating func add(_ name: String, _ value: Any) {
    if let parameter = value as? Parameter {
      parameters.append((name, parameter))
    } else if let child = value as? Module {
      children.append((name, child))
    } else if let buffer = value as? Buffer {
      buffers.append((name, buffer))
    } else if let list = value as? [Module] {
      for (index, child) in list.enumerated() { children.append(("\(name).\(index)", child)) }
    } else if let list = value as? [Parameter] {
      for (index, parameter) in list.enumerated() { parameters.append(("\(name).\(index)", parameter)) }
    }
  }
}

extension Module {
  /// Runs `body` with the module and all below it in evaluation mode, and puts back the mode of each.
  package final func evaluating<Result>(_ body: () throws -> Result) rethrows -> Result {
    let training = namedModules().map(\.module).filter(\.isTraining)
    eval()
    defer { for module in training { module.isTraining = true } }
    return try body()
  }
}
