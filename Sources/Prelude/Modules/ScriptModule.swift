import Autograd
import Interpreter
import NN

/// A model the user wrote as a struct: `struct Net: MetaModule { … }`.
///
/// Its children and parameters are those of the stored properties, by property name; arrays of them are numbered
/// (`layers.0.weight`). `forward` runs the user's method, in which replaced parameters and the hidden task axis need no code.
final class ScriptModule: Module, MetaModule {
  let instance: StructInstance
  private let evaluation: Evaluation
  private let adapts: Bool

  /// - Parameter adapts: whether parameters that the struct itself holds are adapted (`MetaModule`), or learned in the outer
  ///   loop only (`Module`).
  init(_ instance: StructInstance, adapts: Bool, _ evaluation: Evaluation) {
    self.instance = instance
    self.adapts = adapts
    self.evaluation = evaluation
    super.init()
  }

  override var className: String { instance.definition.name }
  override var isMeta: Bool { adapts }

  override var children: [(name: String, module: Module)] {
    parts(of: Module.self).map { ($0.name, $0.part) }
  }

  override var ownParameters: [(name: String, parameter: Autograd.Parameter)] {
    parts(of: Autograd.Parameter.self).map { ($0.name, $0.part) }
  }

  override func forward(_ inputs: [Tensor]) throws -> Tensor {
    try TaskLoop.tensor(evaluation, of: "\(className).forward") {
      try evaluation.callMethod("forward", on: .object(self), inputs.map(Value.object))
    }
  }

  override func makeCopy(_ copier: ModuleCopier) throws -> Module {
    let copy = instance.copy()
    copy.fields = try copy.fields.map { try Self.copied($0, copier) }
    return ScriptModule(copy, adapts: adapts, evaluation)
  }

  /// Stored properties, and elements of stored arrays, of one class.
  private func parts<Part>(of type: Part.Type) -> [(name: String, part: Part)] {
    zip(instance.definition.storedNames, instance.fields).flatMap {
      name, value -> [(name: String, part: Part)] in
      if let part = value.object(as: Part.self) { return [(name, part)] }
      return (value.arrayValue ?? []).enumerated().compactMap { index, element in
        element.object(as: Part.self).map { ("\(name).\(index)", $0) }
      }
    }
  }

  private static func copied(_ value: Value, _ copier: ModuleCopier) throws -> Value {
    switch value {
    case .object(let module as Module): .object(try copier(module))
    case .object(let parameter as Autograd.Parameter): .object(try copier(parameter))
    case .array(let elements): .array(try elements.map { try copied($0, copier) })
    default: value
    }
  }
}
