import Diagnostics
import SwiftSyntax

extension Lowerer {
  func lowerStructure(_ declaration: StructDeclSyntax) -> Statement {
    checkModifiers(declaration.modifiers, allowed: [])
    checkAttributes(declaration.attributes)
    if let generics = declaration.genericParameterClause {
      refuse("`<…>` (generics)", at: generics, use: "leave it out, values of any type are accepted")
    }
    let name = declaration.name.name
    let definition = StructDefinition(name: name)
    definition.documentation = documentation(of: declaration)
    program.structures.append(definition)
    let isTop = isTopLevel
    let target = declare(name, isMutable: false, at: span(declaration.name))
    if isTop { program.declarations[name] = .structure(definition) }
    lowerInheritance(declaration.inheritanceClause, into: definition)

    let structure = StructScope(definition)
    collectNames(declaration.memberBlock, into: structure)
    var statics: [(variable: Variable, initial: Expression)] = []
    for member in declaration.memberBlock.members {
      lowerMember(member.decl, of: structure, statics: &statics)
    }
    for problem in definition.hook?.check(definition) ?? [] {
      report("invalid-struct", problem, at: span(declaration.name))
    }
    return StructDeclaration(definition, target, statics: statics, span(declaration))
  }

  private func lowerInheritance(_ clause: InheritanceClauseSyntax?, into definition: StructDefinition) {
    // Protocols that only promise what every value of the language can do.
    let harmless: Set<String> = [
      "Equatable", "Hashable", "Comparable", "CustomStringConvertible", "Sequence", "IteratorProtocol",
      "Sendable",
      "Codable", "Identifiable", "Error",
    ]
    for inherited in clause?.inheritedTypes ?? [] {
      let name = inherited.type.trimmedDescription
      if let hook = registry.hooks[name] ?? registry.hooks[Spelling.camelCase(name)] {
        if definition.hook != nil {
          refuse("a second base in the inheritance clause", at: inherited, use: "name one of them")
        }
        definition.hook = hook
        definition.hookNames.append(hook.name)
      } else if !harmless.contains(name) {
        report(
          "unknown-name", "`\(name)` is nothing a struct can be based on", at: span(inherited.type),
          hints: suggestion(for: name, among: registry.hooks.keys.sorted()).map { ["did you mean `\($0)`?"] }
            ?? (registry.hooks.isEmpty
              ? []
              : [
                "it can be based on \(registry.hooks.keys.sorted().map { "`\($0)`" }.joined(separator: ", "))"
              ]))
      }
    }
  }

  /// All names first, so that a method can use what is declared below it.
  private func collectNames(_ block: MemberBlockSyntax, into structure: StructScope) {
    for member in block.members {
      if let variable = member.decl.as(VariableDeclSyntax.self) {
        let isStatic = variable.modifiers.contains { $0.name.tokenKind == .keyword(.static) }
        for binding in variable.bindings {
          for (name, _) in names(in: binding.pattern) {
            if isStatic { structure.staticNames.insert(name) } else { structure.instanceNames.insert(name) }
          }
        }
      } else if let function = member.decl.as(FunctionDeclSyntax.self) {
        if function.modifiers.contains(where: { $0.name.tokenKind == .keyword(.static) }) {
          structure.staticNames.insert(function.name.name)
        } else {
          structure.instanceNames.insert(function.name.name)
          structure.methodNames.insert(function.name.name)
        }
      }
    }
  }

  private func lowerMember(
    _ declaration: DeclSyntax, of structure: StructScope,
    statics: inout [(variable: Variable, initial: Expression)]
  ) {
    let definition = structure.definition
    if let variable = declaration.as(VariableDeclSyntax.self) {
      checkModifiers(variable.modifiers, allowed: ["static"])
      checkAttributes(variable.attributes)
      let isStatic = variable.modifiers.contains { $0.name.tokenKind == .keyword(.static) }
      let isVar = variable.bindingSpecifier.tokenKind == .keyword(.var)
      for binding in variable.bindings {
        lowerProperty(binding, isVar: isVar, isStatic: isStatic, of: structure, statics: &statics)
      }
    } else if let function = declaration.as(FunctionDeclSyntax.self) {
      checkModifiers(function.modifiers, allowed: ["static", "mutating"])
      let isStatic = function.modifiers.contains { $0.name.tokenKind == .keyword(.static) }
      let isMutating = function.modifiers.contains { $0.name.tokenKind == .keyword(.mutating) }
      let name = function.name.name
      if definition.methods[name] != nil || definition.staticMethods[name] != nil {
        report(
          "redeclared-name", "`\(name)` is declared twice in `\(definition.name)`", at: span(function.name),
          hints: ["functions are told apart by name alone: use another name, or default values"])
      }
      let code = lowerFunctionCode(function, structure: structure, isStatic: isStatic, isMutating: isMutating)
      if isStatic { definition.staticMethods[name] = code } else { definition.methods[name] = code }
    } else if let initializer = declaration.as(InitializerDeclSyntax.self) {
      lowerInitializer(initializer, of: structure)
    } else if declaration.is(StructDeclSyntax.self) {
      refuse("a struct inside a struct", at: declaration, use: "declare it beside the other")
    } else {
      refuseDeclaration(declaration)
    }
  }

  private func lowerProperty(
    _ binding: PatternBindingSyntax, isVar: Bool, isStatic: Bool, of structure: StructScope,
    statics: inout [(variable: Variable, initial: Expression)]
  ) {
    let definition = structure.definition
    guard let identifier = binding.pattern.as(IdentifierPatternSyntax.self) else {
      refuse("a tuple pattern as a property", at: binding.pattern, use: "declare the properties one by one")
      return
    }
    let name = identifier.identifier.name
    let at = span(identifier)
    let annotation = binding.typeAnnotation.map { lowerType($0.type) }
    if definition.storedIndex[name] != nil || definition.computed[name] != nil {
      report("redeclared-name", "`\(name)` is declared twice in `\(definition.name)`", at: at)
      return
    }
    if let accessors = binding.accessorBlock {
      if isStatic {
        refuse("a static computed property", at: accessors, use: "write a `static func`")
      } else if let property = lowerAccessors(accessors, name: name, annotation: annotation, of: structure) {
        definition.computed[name] = property
      }
      return
    }
    if isStatic {
      let variable = Variable(name: name, isMutable: isVar)
      definition.staticVariables[name] = variable
      guard let value = binding.initializer?.value else {
        report("missing-value", "the static property `\(name)` needs a value", at: at)
        return
      }
      statics.append((variable, lowerExpression(value)))
      return
    }
    var initial: FunctionCode?
    if let value = binding.initializer?.value {
      let code = FunctionCode(name: "\(definition.name).\(name)", source: source, span: span(value))
      let outer = scope
      scope = FunctionScope(code, parent: nil)
      let expression = lowerExpression(value)
      code.single = expression
      code.body = Block([ExpressionStatement(expression)], expression.span)
      finish(code)
      scope = outer
      initial = code
    } else if annotation == nil {
      report("missing-value", "`\(name)` needs a value or a type", at: at, hints: ["write `let \(name) = …`"])
    }
    definition.storedIndex[name] = definition.stored.count
    definition.storedNames.append(name)
    definition.stored.append(
      StoredProperty(name: name, isMutable: isVar, annotation: annotation, initial: initial, span: at))
  }

  private func lowerAccessors(
    _ block: AccessorBlockSyntax, name: String, annotation: TypeReference?, of structure: StructScope
  ) -> ComputedProperty? {
    func accessor(
      _ body: CodeBlockItemListSyntax, parameter: String?, _ span: Span
    ) -> FunctionCode {
      let code = FunctionCode(name: name, source: source, span: span)
      let outer = scope
      scope = FunctionScope(code, parent: nil, structure: structure)
      code.selfTarget = scope.target(for: scope.declare("self", isMutable: parameter != nil))
      code.isMutating = parameter != nil
      if let parameter {
        let local = scope.declare(parameter, isMutable: false)
        code.parameters = [
          ParameterCode(
            label: nil, name: parameter, target: scope.target(for: local), defaultValue: nil, annotation: nil,
            isVariadic: false, span: span)
        ]
      } else {
        code.resultAnnotation = annotation
      }
      lowerBody(body, into: code)
      finish(code)
      scope = outer
      return code
    }
    switch block.accessors {
    case .getter(let items):
      return ComputedProperty(getter: accessor(items, parameter: nil, span(block)), setter: nil)
    case .accessors(let list):
      var getter: FunctionCode?
      var setter: FunctionCode?
      for declaration in list {
        switch declaration.accessorSpecifier.tokenKind {
        case .keyword(.get):
          getter = declaration.body.map { accessor($0.statements, parameter: nil, span(declaration)) }
        case .keyword(.set):
          let parameter = declaration.parameters?.name.name ?? "newValue"
          setter = declaration.body.map { accessor($0.statements, parameter: parameter, span(declaration)) }
        default:
          refuse(
            "`\(declaration.accessorSpecifier.text)`", at: declaration,
            use: "write `get` and `set`, or a `mutating func`")
        }
      }
      guard let getter else {
        if setter != nil { report("missing-body", "`\(name)` needs a `get`", at: span(block)) }
        return nil
      }
      return ComputedProperty(getter: getter, setter: setter)
    }
  }

  private func lowerInitializer(_ declaration: InitializerDeclSyntax, of structure: StructScope) {
    checkModifiers(declaration.modifiers, allowed: [])
    checkAttributes(declaration.attributes)
    if let mark = declaration.optionalMark {
      refuse("`init\(mark.text)`", at: mark, use: "throw an error instead")
    }
    let code = FunctionCode(name: structure.definition.name, source: source, span: span(declaration))
    code.documentation = documentation(of: declaration)
    code.isMutating = true
    lowerSignature(
      declaration.signature, body: declaration.body, into: code, structure: structure, isStatic: false,
      isInitializer: true, selfIsMutable: true)
    // A body that is one expression sets something; it has no value.
    code.single = nil
    structure.definition.initializers.append(code)
  }
}
