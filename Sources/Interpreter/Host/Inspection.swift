/// What a debugger shows of a value: one line, and what the value is made of.
public struct Inspection {
  public var text: String
  public var parts: [Part]

  public struct Part {
    public let name: String
    public let value: Value

    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  public init(_ text: String, _ parts: [Part] = []) {
    self.text = text
    self.parts = parts
  }

  /// Of a collection so many elements are shown.
  static let elementLimit = 500
}

extension Value {
  /// What a debugger shows of the value.
  public var inspection: Inspection {
    switch self {
    case .array(let values):
      return Inspection(summary, numbered(values))
    case .dictionary(let entries):
      return Inspection(
        summary,
        entries.elements.prefix(Inspection.elementLimit).map { .init($0.key.value.printed, $0.value) })
    case .tuple(let tuple):
      let parts = tuple.values.enumerated().map { index, value in
        let label = tuple.labels.isEmpty ? nil : tuple.labels[index]
        return Inspection.Part(label ?? String(index), value)
      }
      return Inspection(summary, parts)
    case .instance(let instance): return Inspection(summary, instance.inspectedFields)
    case .object(let object): return object.inspection
    default: return Inspection(summary)
    }
  }

  private func numbered(_ values: [Value]) -> [Inspection.Part] {
    values.prefix(Inspection.elementLimit).enumerated().map { .init(String($0), $1) }
  }
}

extension StructInstance {
  /// Its stored properties.
  public var inspectedFields: [Inspection.Part] {
    zip(definition.storedNames, fields).compactMap { name, value in
      if case .void = value { nil } else { Inspection.Part(name, value) }
    }
  }
}

extension HostObject {
  public var inspection: Inspection { Inspection(summary, structInstance?.inspectedFields ?? []) }
}
