import Diagnostics

/// A local variable while its function is lowered.
final class LocalDeclaration {
  let name: String
  let slot: Int
  let isMutable: Bool
  let annotation: TypeReference?
  private(set) var box = -1
  /// Where it is visible in the source, in UTF-8 offsets, both ends included.
  let start: Int
  var end: Int
  private var users: [any LocalUser] = []

  init(name: String, slot: Int, isMutable: Bool, annotation: TypeReference?, visible: Span) {
    (start, end) = (visible.start, visible.end)
    self.name = name
    self.slot = slot
    self.isMutable = isMutable
    self.annotation = annotation
  }

  func add(_ user: any LocalUser) {
    user.box = box
    users.append(user)
  }

  /// From now on, and in what was lowered already, the variable lives in a box that closures share.
  func moveToBox(in code: FunctionCode) {
    guard box < 0 else { return }
    box = code.boxCount
    code.boxCount += 1
    for user in users { user.box = box }
  }
}

/// The struct whose methods are being lowered.
final class StructScope {
  let definition: StructDefinition
  var instanceNames: Set<String> = []
  var staticNames: Set<String> = []
  var methodNames: Set<String> = []

  init(_ definition: StructDefinition) { self.definition = definition }
}

/// A function, method, closure or cell while its body is lowered: its block scopes and what it captures.
final class FunctionScope {
  let code: FunctionCode
  let parent: FunctionScope?
  var blocks: [[String: LocalDeclaration]] = [[:]]
  /// Set for methods and initializers; closures inside find it through `parent`.
  let structure: StructScope?
  let isStatic: Bool
  let isInitializer: Bool
  /// A closure without written parameters, in which `$0` means something.
  var takesImplicitParameters = false
  var implicit: [Int: LocalDeclaration] = [:]
  private var captured: [ObjectIdentifier: Int] = [:]
  var loopDepth = 0
  var breakableDepth = 0
  var labels: [String] = []

  init(
    _ code: FunctionCode, parent: FunctionScope?, structure: StructScope? = nil, isStatic: Bool = false,
    isInitializer: Bool = false
  ) {
    self.code = code
    self.parent = parent
    self.structure = structure
    self.isStatic = isStatic
    self.isInitializer = isInitializer
  }

  /// - Parameter start: from where it is visible, until its block ends; nil for the whole function.
  func declare(
    _ name: String, isMutable: Bool, annotation: TypeReference? = nil, from start: Int? = nil,
    inBlock block: Int? = nil
  ) -> LocalDeclaration {
    let declaration = LocalDeclaration(
      name: name, slot: code.slotCount, isMutable: isMutable, annotation: annotation,
      visible: Span(start: start ?? code.span.start, end: code.span.end))
    code.slotCount += 1
    code.locals.append(declaration)
    blocks[block ?? blocks.count - 1][name] = declaration
    return declaration
  }

  func target(for declaration: LocalDeclaration) -> VariableTarget {
    let target = VariableTarget(name: declaration.name, slot: declaration.slot)
    declaration.add(target)
    return target
  }

  func local(_ name: String) -> LocalDeclaration? {
    for block in blocks.reversed() {
      if let found = block[name] { return found }
    }
    return nil
  }

  /// The index among this function's captures of a variable that belongs to `owner`, an enclosing function.
  func capture(_ declaration: LocalDeclaration, of owner: FunctionScope) -> Int {
    if let known = captured[ObjectIdentifier(declaration)] { return known }
    let source: CaptureSource
    if parent === owner || parent == nil {
      declaration.moveToBox(in: owner.code)
      source = .box(declaration.box)
    } else {
      source = .capture(parent?.capture(declaration, of: owner) ?? 0)
    }
    let index = code.captures.count
    code.captures.append(source)
    captured[ObjectIdentifier(declaration)] = index
    return index
  }

  /// All local names visible here, innermost first.
  var visibleNames: [String] {
    blocks.reversed().flatMap { $0.keys.sorted() } + (parent?.visibleNames ?? [])
  }
}
