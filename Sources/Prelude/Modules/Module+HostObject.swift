import Autograd
import Display
import Interpreter
import NN
import OrderedCollections

extension Module: HostObject {
  /// The registry type: the class, or for a struct of the user the name in its inheritance clause.
  public var typeName: String {
    structInstance == nil ? className : isMeta ? "MetaModule" : "Module"
  }
  public var structInstance: StructInstance? { (self as? ScriptModule)?.instance }
  public func wasGiven(at site: CallSite, _ evaluation: Evaluation) {
    Origins.of(evaluation).note(self, site)
  }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: description) }

  /// One line: the type and how much there is to learn.
  public var summary: String { "\(className), \(NumberText.grouped(parameterCount)) parameters" }

  public var inspection: Inspection {
    let parts =
      children.map { Inspection.Part($0.name, .object($0.module)) }
      + ownParameters.map { Inspection.Part($0.name, .object($0.parameter)) }
      + ownBuffers.map { Inspection.Part($0.name, .object($0.buffer.tensor)) }
    // A struct's other properties: numbers, names, activations.
    let fields = (structInstance?.inspectedFields ?? []).filter { field in
      !parts.contains { $0.name == field.name }
    }
    return Inspection(summary, parts + fields)
  }

  /// Children and parameters by name: `model.features.layer1.conv.weight`, as far as names are no numbers.
  public func member(_ name: String, _ evaluation: Evaluation) throws -> Value? { part(name) }
  public var dynamicMemberNames: [String] {
    children.map(\.name) + ownParameters.map(\.name) + ownBuffers.map(\.name)
  }

  /// `sequential[0]`, `sequential["conv"]`.
  public func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    switch arguments.values.first {
    case .int(let index)?:
      let children = children
      let position = index < 0 ? index + children.count : index
      guard children.indices.contains(position) else { return nil }
      return .object(children[position].module)
    case .string(let name)?: return part(name)
    default: return nil
    }
  }
  public var subscriptKeys: [String] { dynamicMemberNames }
  public var memberKeys: [String: [String]] { ["parameters": Array(namedParameters().keys)] }

  private func part(_ name: String) -> Value? {
    if let child = children.first(where: { $0.name == name }) { return .object(child.module) }
    if let own = ownParameters.first(where: { $0.name == name }) { return .object(own.parameter) }
    return ownBuffers.first { Spelling.candidates($0.name).contains(name) }.map { .object($0.buffer.tensor) }
  }
}

extension Value {
  /// A dictionary of tensors by parameter name.
  static func tensors(_ tensors: NamedTensors) -> Value {
    .dictionary(tensors.map { ($0.key, .object($0.value)) })
  }
}

extension Arguments {
  /// A dictionary of tensors by name.
  func namedTensors(_ name: String) throws -> NamedTensors {
    var tensors: NamedTensors = [:]
    for (key, value) in try dictionary(name) {
      guard case .string(let text) = key, let tensor = try Tensor.converting(value) else {
        throw problem(
          name, id: "type-mismatch",
          "`\(name)` takes a dictionary of Tensors by parameter name; `\(key.value)` holds \(value.typeDescription)"
        )
      }
      tensors[text] = tensor
    }
    return tensors
  }

  func optionalNamedTensors(_ name: String) throws -> NamedTensors? {
    self[name].isNull ? nil : try namedTensors(name)
  }
}
