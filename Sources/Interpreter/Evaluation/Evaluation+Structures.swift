import Diagnostics

extension Evaluation {
  /// `Net(…)`: the initial values, then `init` or the memberwise arguments, then the hook of the inheritance clause.
  func instantiate(_ definition: StructDefinition, _ arguments: CallArguments) throws -> Value {
    let instance = StructInstance(
      definition: definition, fields: Array(repeating: .void, count: definition.stored.count))
    var given: [Int: Value] = [:]
    if definition.initializers.isEmpty {
      given = try memberwise(definition, arguments)
    }
    for (index, property) in definition.stored.enumerated() {
      if var value = given[index] {
        if property.isInferredDouble, case .int(let number) = value { value = .double(Double(number)) }
        instance.fields[index] =
          try property.annotation.map { try value.annotated($0, name: property.name) } ?? value
      } else if let initial = property.initial {
        let value = try invoke(initial, captures: [], receiver: nil, CallArguments([])).result
        instance.fields[index] =
          try property.annotation.map { try value.annotated($0, name: property.name) } ?? value
      } else if property.startsAsNil {
        instance.fields[index] = .null
      }
    }
    var value = Value.instance(instance)
    if !definition.initializers.isEmpty {
      value = try runInitializer(definition, instance, arguments)
    }
    guard case .instance(let made) = value else { return value }
    try value.checkNesting()
    guard let hook = definition.hook else { return value }
    do {
      return .object(try hook.make(made, self))
    } catch let error { throw placed(error, at: arguments.site) }
  }

  private func runInitializer(
    _ definition: StructDefinition, _ instance: StructInstance, _ arguments: CallArguments
  ) throws -> Value {
    let fitting = definition.initializers.first {
      ArgumentMatcher(
        $0.parameters, labels: arguments.labels, count: arguments.count,
        trailingClosures: arguments.trailingClosures
      ).problems.isEmpty
    }
    guard let code = fitting ?? definition.initializers.first else { return .instance(instance) }
    instance.isInitializing = true
    let value = try invoke(code, captures: [], receiver: .instance(instance), arguments).receiver
    guard case .instance(let made) = value else { return value }
    for (index, property) in definition.stored.enumerated() {
      if case .void = made.fields[index], property.initial == nil {
        throw Diagnostic(
          id: "uninitialized-property",
          message: "`init` of `\(definition.name)` ends without a value for `\(property.name)`",
          span: property.span, source: code.source,
          hints: ["set `self.\(property.name)` in every path of `init`"])
      }
    }
    made.isInitializing = false
    return value
  }

  /// Fields given by a call of the memberwise initializer.
  private func memberwise(_ definition: StructDefinition, _ arguments: CallArguments) throws -> [Int: Value] {
    let parameters = definition.memberwiseParameters
    let matcher = ArgumentMatcher(
      parameters, labels: arguments.labels, count: arguments.count,
      trailingClosures: arguments.trailingClosures)
    if let problem = matcher.firstProblem {
      throw ArgumentMatcher.diagnostic(
        problem, function: definition.name, signature: definition.memberwiseSignature, parameters: parameters,
        labels: arguments.labels, site: arguments.site)
    }
    var given: [Int: Value] = [:]
    for (index, parameter) in parameters.enumerated() where matcher.assignments[index] >= 0 {
      given[parameter.field] = arguments.values[matcher.assignments[index]]
    }
    return given
  }
}

/// A parameter of the memberwise initializer.
package struct MemberwiseParameter: MatchableParameter {
  let name: String
  let field: Int
  package let isOptional: Bool
  let annotation: TypeReference?

  package var displayName: String { name }
  package var callLabel: String? { name }
  package var isLabelRequired: Bool { true }
  package var takesRest: Bool { false }
  package var prefersClosure: Bool { annotation?.acceptsFunction ?? false }
  package func answers(to label: String) -> Bool { label == name }
}

extension StructDefinition {
  /// What `Net(…)` takes when the struct declares no `init`.
  package var memberwiseParameters: [MemberwiseParameter] {
    stored.enumerated().filter { $0.element.isMemberwise }.map { index, property in
      MemberwiseParameter(
        name: property.name, field: index, isOptional: property.initial != nil || property.startsAsNil,
        annotation: property.annotation)
    }
  }

  package var memberwiseSignature: String {
    let texts = memberwiseParameters.map { parameter in
      parameter.name + (parameter.annotation.map { ": \($0)" } ?? "") + (parameter.isOptional ? " = …" : "")
    }
    return "\(name)(\(texts.joined(separator: ", ")))"
  }
}
