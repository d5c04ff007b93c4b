import Diagnostics
import SwiftOperators
import SwiftParser
import SwiftSyntax

/// Turns the syntax tree of one cell into a ``Program``.
///
/// What the subset lacks is refused by name at its place; lowering goes on behind it, so that all problems of a cell are
/// reported at once. Nothing in the session changes until ``commit(_:)``-ing the result.
final class Lowerer {
  let source: SourceText
  let registry: Registry
  let globals: GlobalTable
  let program: Program
  var scope: FunctionScope
  private(set) var diagnostics: [Diagnostic] = []
  /// Added to positions inside a folded operator sequence, which is a tree of its own.
  var offset = 0
  private var depth = 0
  private var reportedDepth = false
  /// Set by `a?` inside the postfix chain under way.
  var chainHasOptional = false
  /// Names of methods that may change their receiver, wherever they are declared.
  var mutatingNames: Set<String>
  /// Globals of this cell, with what is known before it runs.
  var pending: [String: (isMutable: Bool, annotation: TypeReference?)] = [:]
  /// Annotations of globals from earlier cells.
  let knownAnnotations: [String: TypeReference]

  /// How deep expressions and statements may be nested, and how many operators one expression may have.
  static let depthLimit = 1_000
  static let operators = OperatorTable.standardOperators

  init(
    source: SourceText, registry: Registry, globals: GlobalTable, mutatingNames: Set<String>,
    annotations: [String: TypeReference]
  ) {
    self.source = source
    self.registry = registry
    self.globals = globals
    self.mutatingNames = registry.mutatingNames.union(mutatingNames)
    knownAnnotations = annotations
    let code = FunctionCode(name: source.name, source: source, span: Span(start: 0, end: source.utf8Count))
    program = Program(source: source, code: code)
    scope = FunctionScope(code, parent: nil)
  }

  /// Lowers the whole file. The program is to be run only when `diagnostics` is empty.
  func lower(_ file: SourceFileSyntax) -> Program {
    declareGlobals(file.statements)
    let statements = lowerStatements(file.statements)
    program.code.body = Block(statements, program.code.span)
    if let last = file.statements.last, last.semicolon != nil { program.hidesResult = true }
    return program
  }

  // MARK: places and problems

  func span(_ node: some SyntaxProtocol) -> Span {
    Span(
      start: node.positionAfterSkippingLeadingTrivia.utf8Offset + offset,
      end: node.endPositionBeforeTrailingTrivia.utf8Offset + offset)
  }

  func report(
    _ id: String, _ message: String, at span: Span, hints: [String] = [], notes: [Diagnostic.Note] = []
  ) {
    diagnostics.append(
      Diagnostic(id: id, message: message, span: span, source: source, hints: hints, notes: notes))
  }

  /// "`class` is not part of Innerloop; use a `struct`"
  func refuse(_ what: String, at node: some SyntaxProtocol, use instead: String? = nil, hint: String? = nil) {
    report(
      "unsupported-syntax",
      "\(what) is not part of Innerloop" + (instead.map { "; \($0)" } ?? ""),
      at: span(node), hints: hint.map { [$0] } ?? [])
  }

  /// An expression in place of one that was refused.
  func hole(_ node: some SyntaxProtocol) -> Expression { Literal(.void, span(node)) }

  /// Runs `body` one level deeper; refuses, once, what is nested too deep.
  func deeper<Result>(
    _ node: some SyntaxProtocol, else fallback: @autoclosure () -> Result, _ body: () -> Result
  ) -> Result {
    guard depth < Self.depthLimit else {
      if !reportedDepth {
        reportedDepth = true
        report(
          "nested-too-deep", "the code is nested more than \(Self.depthLimit) deep", at: span(node),
          hints: ["give parts of it names with `let`"])
      }
      return fallback()
    }
    depth += 1
    defer { depth -= 1 }
    return body()
  }

  // MARK: names

  var isTopLevel: Bool { scope.parent == nil && scope.code === program.code && scope.blocks.count == 1 }

  /// - Parameter node: what the variables of the block are visible in.
  func withBlock<Result>(_ node: some SyntaxProtocol, _ body: () -> Result) -> Result {
    scope.blocks.append([:])
    defer {
      let end = span(node).end
      for declaration in scope.blocks.removeLast().values { declaration.end = end }
    }
    return body()
  }

  /// A place for a new variable in the current scope.
  func declare(
    _ name: String, isMutable: Bool, annotation: TypeReference? = nil, at span: Span
  ) -> VariableTarget {
    if isTopLevel {
      let variable = globalVariable(name)
      return VariableTarget(global: variable)
    }
    if scope.blocks.last?[name] != nil, name != "_" {
      report(
        "redeclared-name", "`\(name)` is declared twice in this scope", at: span, hints: ["use another name"])
    }
    return scope.target(
      for: scope.declare(name, isMutable: isMutable, annotation: annotation, from: span.start))
  }

  func globalVariable(_ name: String) -> Variable {
    if let known = program.newGlobals[name] ?? globals[name] { return known }
    let variable = Variable(name: name)
    program.newGlobals[name] = variable
    return variable
  }

  /// The struct whose method is being lowered, and whether `self` is the type.
  var enclosingStructure: (structure: StructScope, isStatic: Bool)? {
    var current: FunctionScope? = scope
    while let function = current {
      if let structure = function.structure { return (structure, function.isStatic) }
      current = function.parent
    }
    return nil
  }

  var isInInitializer: Bool {
    var current: FunctionScope? = scope
    while let function = current {
      if function.structure != nil { return function.isInitializer }
      current = function.parent
    }
    return false
  }

  /// The expression that reads a local variable of this or an enclosing function; nil when there is none.
  func localName(_ name: String, _ span: Span) -> Expression? {
    if let own = scope.local(name) {
      let node = LocalName(name: name, slot: own.slot, isMutable: own.isMutable, span)
      own.add(node)
      return node
    }
    var owner = scope.parent
    while let function = owner {
      if let found = function.local(name) {
        let index = scope.capture(found, of: function)
        return CapturedName(name: name, index: index, isMutable: found.isMutable, span)
      }
      owner = function.parent
    }
    return nil
  }

  func localAnnotation(_ name: String) -> TypeReference? {
    var owner: FunctionScope? = scope
    while let function = owner {
      if let found = function.local(name) { return found.annotation }
      owner = function.parent
    }
    if let own = pending[name] { return own.annotation }
    return knownAnnotations[name]
  }

  /// What a bare name means: a local, a member of the struct around it, a global, a member that the inheritance clause
  /// brings, or a builtin.
  func lowerName(_ name: String, _ span: Span) -> Expression {
    if let local = localName(name, span) { return local }
    if let (structure, isStatic) = enclosingStructure {
      let known = isStatic ? structure.staticNames : structure.instanceNames
      if known.contains(name), let receiver = localName("self", span) {
        return MemberExpression(
          receiver, name, nameSpan: span, isImplicitSelf: true, initializes: isInInitializer, span)
      }
      if name == "Self" { return structureName(structure, span) }
    }
    if let info = pending[name] {
      return GlobalName(globalVariable(name), isMutable: info.isMutable, span)
    }
    if let variable = globals[name] { return GlobalName(variable, isMutable: variable.isMutable, span) }
    if let (structure, isStatic) = enclosingStructure, !isStatic, let hook = structure.definition.hook,
      registry.types[hook.typeName]?.member(name) != nil, let receiver = localName("self", span)
    {
      return MemberExpression(receiver, name, nameSpan: span, isImplicitSelf: true, span)
    }
    if let global = registry.global(name) { return BuiltinName(name: name, global, span) }
    return UnresolvedName(name: name, visibleLocals: visibleNames, span)
  }

  private func structureName(_ structure: StructScope, _ span: Span) -> Expression {
    Literal(.type(.definition(structure.definition)), span)
  }

  private var visibleNames: [String] {
    var names = scope.visibleNames
    if let (structure, isStatic) = enclosingStructure {
      names += isStatic ? structure.staticNames.sorted() : structure.instanceNames.sorted()
    }
    return names + pending.keys.sorted()
  }
}

extension TokenSyntax {
  /// The name without backticks.
  var name: String {
    let text = text
    return text.count > 1 && text.hasPrefix("`") && text.hasSuffix("`")
      ? String(text.dropFirst().dropLast()) : text
  }
}
