import SwiftSyntax

/// Infers types of expressions in code that need not parse. Bounded in depth, so that no input makes it run away.
struct TypeInference {
  let registry: Registry
  let snapshot: Snapshot
  let locals: VisibleNames

  func type(of expression: ExprSyntax, depth: Int = 0) -> InferredType {
    guard depth < 32 else { return InferredType() }
    switch expression.as(ExprSyntaxEnum.self) {
    case .declReferenceExpr(let name): return type(ofName: name.baseName.name, depth: depth)
    case .functionCallExpr(let call):
      return result(of: type(of: call.calledExpression, depth: depth + 1), depth: depth)
    case .memberAccessExpr(let access):
      guard let base = access.base else { return InferredType() }
      return member(access.declName.baseName.name, of: type(of: base, depth: depth + 1), depth: depth)
    case .subscriptCallExpr(let access):
      let base = type(of: access.calledExpression, depth: depth + 1)
      if let argument = access.arguments.first?.expression, isRange(argument) { return base.withoutKeys }
      if let element = base.element { return InferredType(element, registry) }
      return base.description?.name == "String" ? base : InferredType()
    case .integerLiteralExpr: return InferredType(.int, registry)
    case .floatLiteralExpr: return InferredType(.double, registry)
    case .booleanLiteralExpr: return InferredType(.bool, registry)
    case .stringLiteralExpr, .simpleStringLiteralExpr: return InferredType(.string, registry)
    case .closureExpr: return InferredType(.function, registry)
    case .arrayExpr(let array):
      var result = InferredType(.array(.any), registry)
      guard let first = array.elements.first?.expression else { return result }
      let element = type(of: first, depth: depth + 1)
      if !element.name.isEmpty {
        result.name = "[\(element.name)]"
        result.element = .named(element.name)
      }
      return result
    case .dictionaryExpr: return InferredType(.dictionary(.any), registry)
    case .tupleExpr(let tuple):
      if tuple.elements.count == 1, let only = tuple.elements.first {
        return type(of: only.expression, depth: depth + 1)
      }
      return InferredType(.tuple([]), registry)
    case .tryExpr(let inner): return type(of: inner.expression, depth: depth + 1)
    case .forceUnwrapExpr(let inner): return type(of: inner.expression, depth: depth + 1)
    case .optionalChainingExpr(let inner): return type(of: inner.expression, depth: depth + 1)
    case .prefixOperatorExpr(let inner): return type(of: inner.expression, depth: depth + 1)
    case .sequenceExpr(let sequence): return type(ofSequence: sequence, depth: depth)
    default: return InferredType()
    }
  }

  func type(ofName name: String, depth: Int = 0) -> InferredType {
    if let local = locals.first(name) { return type(of: local, depth: depth) }
    if let variable = snapshot.variables[name] { return type(of: variable) }
    switch registry.global(name) {
    case .function(let builtin)?:
      var result = InferredType()
      result.builtin = builtin
      return result
    case .type(let type)?: return InferredType(type, isType: true)
    case .constant(let constant)?: return InferredType(constant.type, registry)
    case nil: return InferredType()
    }
  }

  func type(of variable: Snapshot.Variable) -> InferredType {
    var result = InferredType(named: variable.typeName, registry)
    result.name = variable.typeName
    if let type = variable.registryType { result.description = registry.types[type] }
    if variable.typeName.hasSuffix(".Type"), let type = registry.types[String(variable.typeName.dropLast(5))]
    {
      result = InferredType(type, isType: true)
    }
    result.variable = variable
    result.keys = variable.keys
    return result
  }

  func type(of local: VisibleName, depth: Int = 0) -> InferredType {
    switch local.origin {
    case .value(let expression): return type(of: expression, depth: depth + 1)
    case .element(let sequence):
      let base = type(of: sequence, depth: depth + 1)
      if base.description?.name == "Range" { return InferredType(.int, registry) }
      return base.element.map { InferredType($0, registry) } ?? InferredType()
    case .annotated(let type): return self.type(annotated: type)
    case .function(let function):
      var result = InferredType()
      result.function = function
      return result
    case .structure(let structure):
      var result = InferredType()
      result.structure = structure
      result.name = structure.name.name
      result.isType = local.name != "self"
      return result
    case .unknown: return InferredType()
    }
  }

  /// What an annotation names: a struct of the code, or a type of the registry.
  func type(annotated type: TypeSyntax) -> InferredType {
    let name = type.trimmedDescription
    if case .structure(let structure)? = locals.first(name)?.origin {
      var result = InferredType()
      result.structure = structure
      result.name = name
      return result
    }
    return InferredType(named: name, registry)
  }

  /// What calling something of this type gives.
  private func result(of callee: InferredType, depth: Int) -> InferredType {
    if callee.isType {
      var result = callee
      result.isType = false
      return result
    }
    if let builtin = callee.builtin {
      return builtin.signatures.first.map { InferredType($0.result, registry) } ?? InferredType()
    }
    if let function = callee.function {
      return function.signature.returnClause.map { type(annotated: $0.type) } ?? InferredType()
    }
    if case .method(let method)? = callee.description?.member("callAsFunction") {
      return method.signatures.first.map { InferredType($0.result, registry) } ?? InferredType()
    }
    return InferredType()
  }

  private func member(_ name: String, of base: InferredType, depth: Int) -> InferredType {
    if let structure = base.structure,
      let member = StructMembers(of: structure).all.first(where: { $0.name == name })
    {
      return type(of: member, depth: depth + 1)
    }
    if let type = base.variable?.memberTypes[name] { return InferredType(named: type, registry) }
    let owner = base.description ?? base.structure.flatMap(hookType)
    switch base.isType ? owner?.staticMember(name) : owner?.member(name) {
    case .property(let property)?:
      var result = InferredType(property.type, registry)
      result.keys = base.variable?.memberKeys[property.name] ?? []
      return result
    case .method(let method)?:
      var result = InferredType()
      result.builtin = method
      return result
    case .case?: return owner.map { InferredType($0) } ?? InferredType()
    case nil: return InferredType()
    }
  }

  /// The registry type that a struct's inheritance clause brings.
  func hookType(of structure: StructDeclSyntax) -> TypeDescription? {
    StructMembers(of: structure).inherited.lazy.compactMap { registry.hooks[$0] }.first
      .flatMap { registry.types[$0.typeName] }
  }

  private func type(ofSequence sequence: SequenceExprSyntax, depth: Int) -> InferredType {
    var best = InferredType()
    for element in sequence.elements {
      if let symbol = element.as(BinaryOperatorExprSyntax.self)?.operator.text {
        if ["==", "!=", "<", ">", "<=", ">=", "&&", "||"].contains(symbol) {
          return InferredType(.bool, registry)
        }
        if symbol == "..<" || symbol == "..." { return InferredType(.range, registry) }
        continue
      }
      let type = type(of: element, depth: depth + 1)
      // A foreign value on either side decides: `0.5 * t`.
      if best.description == nil || ["Int", "Double"].contains(best.description?.name) {
        best = type.isKnown ? type : best
      }
    }
    return best.withoutKeys
  }

  private func isRange(_ expression: ExprSyntax) -> Bool {
    expression.tokens(viewMode: .sourceAccurate).contains { $0.text == "..<" || $0.text == "..." }
  }
}

extension InferredType {
  /// The same type, of another value.
  fileprivate var withoutKeys: InferredType {
    var result = self
    result.variable = nil
    result.keys = []
    return result
  }
}
