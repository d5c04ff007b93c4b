import SwiftSyntax

/// A name that the code around a place declares, and what is known about it without running anything.
struct VisibleName {
  enum Origin {
    case value(ExprSyntax)
    /// What a `for` goes over.
    case element(of: ExprSyntax)
    case annotated(TypeSyntax)
    case function(FunctionDeclSyntax)
    case structure(StructDeclSyntax)
    case unknown
  }

  var name: String
  var origin: Origin
}

/// Collects the names in scope at a place by walking up the syntax tree; works on code that does not parse.
struct VisibleNames {
  /// Innermost first; a name may come again from further out.
  private(set) var names: [VisibleName] = []
  /// The struct whose methods are around the place.
  private(set) var structure: StructDeclSyntax?
  private let offset: Int

  /// - Parameter offset: names declared behind it, in UTF-8, are not visible yet, except functions and structs.
  init(around token: TokenSyntax, at offset: Int) {
    self.offset = offset
    var node = Syntax(token)
    while let parent = node.parent {
      if let list = parent.as(CodeBlockItemListSyntax.self) {
        if isInside(list) { addItems(list) }
      } else {
        addDeclarations(of: parent, from: node)
      }
      node = parent
    }
  }

  func first(_ name: String) -> VisibleName? { names.first { $0.name == name } }

  /// Whether the place is in a list of statements, and not behind the brace that closes it.
  private func isInside(_ list: CodeBlockItemListSyntax) -> Bool {
    switch list.parent?.as(SyntaxEnum.self) {
    case .codeBlock(let block): isBefore(block.rightBrace)
    case .closureExpr(let closure): isBefore(closure.rightBrace)
    case .accessorBlock(let block): isBefore(block.rightBrace)
    default: true
    }
  }

  private func isBefore(_ brace: TokenSyntax) -> Bool {
    brace.presence == .missing || offset <= brace.positionAfterSkippingLeadingTrivia.utf8Offset
  }

  private mutating func add(_ name: TokenSyntax?, _ origin: VisibleName.Origin) {
    guard let name, name.presence == .present, name.text != "_", !name.text.isEmpty else { return }
    names.append(VisibleName(name: name.name, origin: origin))
  }

  private mutating func addItems(_ list: CodeBlockItemListSyntax) {
    for item in list {
      let isEarlier = item.positionAfterSkippingLeadingTrivia.utf8Offset < offset
      switch item.item {
      case .decl(let declaration):
        if let function = declaration.as(FunctionDeclSyntax.self) {
          add(function.name, .function(function))
        } else if let structure = declaration.as(StructDeclSyntax.self) {
          add(structure.name, .structure(structure))
        } else if isEarlier, let variable = declaration.as(VariableDeclSyntax.self) {
          addBindings(variable)
        }
      case .stmt(let statement):
        if isEarlier, let check = statement.as(GuardStmtSyntax.self), check.endPosition.utf8Offset <= offset {
          addConditions(check.conditions)
        }
      case .expr: break
      }
    }
  }

  /// Names that hold in the part of `parent` that `child` is.
  private mutating func addDeclarations(of parent: Syntax, from child: Syntax) {
    switch parent.as(SyntaxEnum.self) {
    case .functionDecl(let function) where child.id != function.signature.id:
      guard let body = function.body, isBefore(body.rightBrace) else { return }
      addParameters(function.signature.parameterClause)
    case .initializerDecl(let initializer):
      guard let body = initializer.body, isBefore(body.rightBrace) else { return }
      addParameters(initializer.signature.parameterClause)
    case .closureExpr(let closure):
      guard isBefore(closure.rightBrace), let clause = closure.signature?.parameterClause else { return }
      switch clause {
      case .simpleInput(let list): for parameter in list { add(parameter.name, .unknown) }
      case .parameterClause(let clause):
        for parameter in clause.parameters {
          add(parameter.secondName ?? parameter.firstName, parameter.type.map { .annotated($0) } ?? .unknown)
        }
      }
    case .forStmt(let loop):
      guard child.id == loop.body.id, isBefore(loop.body.rightBrace) else { return }
      addPattern(loop.pattern, .element(of: loop.sequence))
    case .ifExpr(let branch):
      guard child.id == branch.body.id, isBefore(branch.body.rightBrace) else { return }
      addConditions(branch.conditions)
    case .whileStmt(let loop):
      guard child.id == loop.body.id, isBefore(loop.body.rightBrace) else { return }
      addConditions(loop.conditions)
    case .catchClause(let clause):
      guard isBefore(clause.body.rightBrace) else { return }
      names.append(VisibleName(name: "error", origin: .unknown))
    case .switchCase(let branch):
      guard case .case(let label) = branch.label else { return }
      for item in label.caseItems { addPattern(item.pattern, .unknown) }
    case .structDecl(let structure):
      guard isBefore(structure.memberBlock.rightBrace) else { return }
      self.structure = self.structure ?? structure
      addMembers(of: structure)
    default: break
    }
  }

  private mutating func addParameters(_ clause: FunctionParameterClauseSyntax) {
    for parameter in clause.parameters {
      add(parameter.secondName ?? parameter.firstName, .annotated(parameter.type))
    }
  }

  private mutating func addBindings(_ variable: VariableDeclSyntax) {
    for binding in variable.bindings {
      let origin: VisibleName.Origin =
        if let annotation = binding.typeAnnotation {
          .annotated(annotation.type)
        } else if let value = binding.initializer?.value { .value(value) } else { .unknown }
      // `let x = x.` asks for the outer one.
      if let value = binding.initializer, value.position.utf8Offset <= offset,
        offset <= value.endPosition.utf8Offset,
        binding.initializer?.value.description.contains("\n") != true, isLast(binding)
      {
        continue
      }
      addPattern(binding.pattern, origin)
    }
  }

  /// Whether the place is at the very end of the binding, still on its line.
  private func isLast(_ binding: PatternBindingSyntax) -> Bool {
    offset <= binding.endPositionBeforeTrailingTrivia.utf8Offset
  }

  private mutating func addConditions(_ conditions: ConditionElementListSyntax) {
    for condition in conditions {
      guard case .optionalBinding(let binding) = condition.condition else { continue }
      addPattern(binding.pattern, binding.initializer.map { .value($0.value) } ?? .unknown)
    }
  }

  private mutating func addPattern(_ pattern: PatternSyntax, _ origin: VisibleName.Origin) {
    switch pattern.as(PatternSyntaxEnum.self) {
    case .identifierPattern(let pattern): add(pattern.identifier, origin)
    case .tuplePattern(let pattern): for element in pattern.elements { addPattern(element.pattern, .unknown) }
    case .valueBindingPattern(let pattern): addPattern(pattern.pattern, .unknown)
    case .expressionPattern(let pattern):
      for name in pattern.tokens(viewMode: .sourceAccurate)
      where name.parent?.is(IdentifierPatternSyntax.self) == true {
        add(name, .unknown)
      }
    default: break
    }
  }

  private mutating func addMembers(of structure: StructDeclSyntax) {
    for member in StructMembers(of: structure).all { names.append(member) }
    names.append(VisibleName(name: "self", origin: .structure(structure)))
  }
}

/// The properties and methods a struct declares.
struct StructMembers {
  private(set) var all: [VisibleName] = []
  /// Of the memberwise initializer, or of `init`.
  private(set) var labels: [String] = []
  /// Names in the inheritance clause.
  let inherited: [String]

  init(of structure: StructDeclSyntax) {
    inherited = structure.inheritanceClause?.inheritedTypes.map { $0.type.trimmedDescription } ?? []
    var memberwise: [String] = []
    var initializer: [String]?
    for member in structure.memberBlock.members {
      if let variable = member.decl.as(VariableDeclSyntax.self) {
        for binding in variable.bindings {
          guard let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier.name else { continue }
          let origin: VisibleName.Origin =
            if let annotation = binding.typeAnnotation {
              .annotated(annotation.type)
            } else if let value = binding.initializer?.value { .value(value) } else { .unknown }
          all.append(VisibleName(name: name, origin: origin))
          let isConstant = variable.bindingSpecifier.tokenKind == .keyword(.let)
          if binding.accessorBlock == nil, !isConstant || binding.initializer == nil {
            memberwise.append(name)
          }
        }
      } else if let function = member.decl.as(FunctionDeclSyntax.self) {
        all.append(VisibleName(name: function.name.name, origin: .function(function)))
      } else if let declared = member.decl.as(InitializerDeclSyntax.self) {
        initializer = (initializer ?? []) + Self.labels(of: declared.signature.parameterClause)
      }
    }
    labels = initializer ?? memberwise
  }

  static func labels(of clause: FunctionParameterClauseSyntax) -> [String] {
    clause.parameters.map(\.firstName.text).filter { $0 != "_" }
  }
}
