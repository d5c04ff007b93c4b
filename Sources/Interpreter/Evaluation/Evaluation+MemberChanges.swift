import Diagnostics

extension Evaluation {
  /// `container.name = value`. The result says whether the container itself changed, and not just an object.
  func setMember(
    _ name: String, of container: inout Value, to value: Value, initializes: Bool
  ) throws -> Bool {
    if case .object(let object) = container, object.structInstance?.definition.hasProperty(name) != true {
      if case .property(let property)? = registry.types[object.typeName]?.member(name) {
        guard let set = property.set else { throw readOnly(name, of: container) }
        try set(&container, value, self)
        return false
      }
      for candidate in Spelling.candidates(name) where try object.setMember(candidate, to: value, self) {
        return false
      }
      if let habit = registry.habit(.member, name) {
        throw Diagnostic(id: "unknown-member", message: habit.message, hints: [habit.hint])
      }
      if try object.member(name, self) != nil { throw readOnly(name, of: container) }
      throw unknownMember(name, of: container)
    }
    return try changeMember(name, of: &container, initializes: initializes) {
      $0 = value
      return true
    }
  }

  /// Runs `body` on `container.name` in place. The result says whether the container itself changed.
  func changeMember(
    _ name: String, of container: inout Value, initializes: Bool, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    switch container.kind {
    case .instance:
      guard let definition = container.instanceDefinition else { break }
      if let index = definition.storedIndex[name], var instance = container.takeInstance() {
        if !isKnownUniquelyReferenced(&instance) {
          let isInitializing = instance.isInitializing
          instance = instance.copy()
          instance.isInitializing = isInitializing
        }
        defer { container = .instance(instance) }
        return try changeField(index, of: instance, initializes: initializes, body)
      }
      if let computed = definition.computed[name] { return try change(computed, name, of: &container, body) }
    case .object:
      guard let instance = container.structInstance else { break }
      if let index = instance.definition.storedIndex[name] {
        _ = try changeField(index, of: instance, initializes: initializes, body)
        return false
      }
      if let computed = instance.definition.computed[name] {
        _ = try change(computed, name, of: &container, body)
        return false
      }
    case .tuple:
      guard var tuple = container.takeTuple() else { break }
      defer { container = .tuple(tuple) }
      guard let index = tuple.index(of: name) else { throw unknownMember(name, of: .tuple(tuple)) }
      return try body(&tuple.values[index])
    case .type:
      guard case .type(.definition(let definition)) = container,
        let variable = definition.staticVariables[name]
      else { break }
      guard variable.isMutable else { throw constant(name) }
      _ = try variable.change(body)
      return false
    default: break
    }
    return try changeRegistryMember(name, of: &container, body)
  }

  private func changeField(
    _ index: Int, of instance: StructInstance, initializes: Bool, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    let property = instance.definition.stored[index]
    // Taken out while it changes, so that it is the only owner and nothing reads it half changed.
    var value = instance.fields[index]
    instance.fields[index] = .void
    let isLocked = !property.isMutable && !(initializes && instance.isInitializing)
    let old = isLocked ? value : Value.void
    do {
      let changed = try body(&value)
      if changed, isLocked {
        value = old
        throw constant(property.name)
      }
      if changed, let annotation = property.annotation {
        value = try value.annotated(annotation, name: property.name)
      }
      instance.fields[index] = value
      if changed { try value.checkNesting() }
      return changed
    } catch let error {
      instance.fields[index] = value
      throw error
    }
  }

  private func change(
    _ computed: ComputedProperty, _ name: String, of container: inout Value,
    _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    var value = try invoke(computed.getter, captures: [], receiver: container, CallArguments([])).result
    guard try body(&value) else { return false }
    guard let setter = computed.setter else { throw readOnly(name, of: container) }
    container = try invoke(setter, captures: [], receiver: container, CallArguments([value])).receiver
    return true
  }

  private func changeRegistryMember(
    _ name: String, of container: inout Value, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    var value = try member(name, of: container)
    guard try body(&value) else { return false }
    if case .property(let property)? = registry.type(of: container)?.member(name), let set = property.set {
      try set(&container, value, self)
    } else if case .object(let object) = container, try object.setMember(name, to: value, self) {
    } else {
      throw readOnly(name, of: container)
    }
    if case .object = container { return false }
    return true
  }

  private func readOnly(_ name: String, of value: Value) -> Diagnostic {
    Diagnostic(id: "read-only-member", message: "`\(name)` of \(value.typeDescription) cannot be set")
  }

  private func constant(_ name: String) -> Diagnostic {
    Diagnostic(
      id: "constant-changed", message: "`\(name)` is a `let` property",
      hints: ["declare it with `var \(name)`"])
  }
}
