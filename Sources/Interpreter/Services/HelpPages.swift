import Diagnostics

/// Writes help pages from the registry and a snapshot. Any thread may use it.
public struct HelpPages: Sendable {
  let registry: Registry
  let snapshot: Snapshot

  public init(registry: Registry, snapshot: Snapshot) {
    self.registry = registry
    self.snapshot = snapshot
  }

  /// How much a page says: signature and value type, or everything.
  public enum Detail: Int, Sendable {
    case brief = 0
    case full = 1
  }

  /// Help on a dotted name: `MAML`, `maml.adapt`, `Reduction`; nil when nothing of that name is known.
  public func page(for path: String, detail: Detail = .full) -> HelpPage? {
    let text = path.trimmingSuffix(while: \.isWhitespace)
    return Inspector(registry: registry, snapshot: snapshot).page(text, at: text.unicodeScalars.count, detail)
  }

  /// The list of everything, for `help()`.
  public func overview() -> HelpPage {
    var page = HelpPage()
    page.blocks.append(.text("`name?` and `help(name)` describe one of these."))
    var functions: [HelpPage.Row] = []
    var types: [HelpPage.Row] = []
    for global in registry.globals.values.sorted(by: { $0.name < $1.name }) {
      let row = HelpPage.Row(name: global.name, remark: global.documentation.summary)
      if case .type = global { types.append(row) } else { functions.append(row) }
    }
    page.blocks.append(.list("Functions and constants", functions))
    page.blocks.append(.list("Types", types))
    return page
  }

  // MARK: what the registry describes

  func page(_ builtin: Builtin, _ detail: Detail) -> HelpPage {
    var page = HelpPage()
    let owner = builtin.owner.map { $0 + "." } ?? ""
    page.blocks.append(.code(builtin.signatureTexts.map { owner + $0 }.joined(separator: "\n")))
    addDocumentation(builtin.signatures.first?.documentation ?? "", to: &page, detail)
    guard detail == .full else { return page }
    for signature in builtin.signatures.dropFirst() where !signature.documentation.summary.isEmpty {
      let texts = signature.parameters.map(\.signature).joined(separator: ", ")
      page.blocks.append(.field("\(builtin.name)(\(texts))", signature.documentation.summary))
    }
    addParameters(builtin, to: &page)
    addAliases(builtin.aliases, to: &page)
    return page
  }

  func page(_ type: TypeDescription, _ detail: Detail) -> HelpPage {
    var page = HelpPage()
    page.blocks.append(.code(type.initializer?.signatureTexts.joined(separator: "\n") ?? type.name))
    var documentation = type.documentation
    if documentation.summary.isEmpty {
      documentation = type.initializer?.signatures.first?.documentation ?? ""
    }
    addDocumentation(documentation, to: &page, detail)
    guard detail == .full else { return page }
    if let initializer = type.initializer { addParameters(initializer, to: &page) }
    let cases = type.caseNames.compactMap { type.staticMember($0) }
    if !cases.isEmpty {
      page.blocks.append(
        .list("Cases", cases.map { HelpPage.Row(name: ".\($0.name)", remark: $0.documentation.summary) }))
    }
    addMembers(of: type, to: &page)
    addAliases(type.aliases, to: &page)
    return page
  }

  func page(_ member: MemberDescription, of owner: TypeDescription, _ detail: Detail) -> HelpPage {
    switch member {
    case .method(let method): return page(method, detail)
    case .property(let property):
      var page = HelpPage()
      page.blocks.append(.code("\(owner.name).\(property.name): \(property.type)"))
      addDocumentation(property.documentation, to: &page, detail)
      if detail == .full { addAliases(property.aliases, to: &page) }
      return page
    case .case(let description):
      var page = HelpPage()
      page.blocks.append(.code("\(owner.name).\(description.name)"))
      addDocumentation(Documentation(description.documentation), to: &page, detail)
      return page
    }
  }

  func page(_ constant: ConstantDescription, _ detail: Detail) -> HelpPage {
    var page = HelpPage()
    page.blocks.append(.code("\(constant.name): \(constant.type) = \(constant.value)"))
    addDocumentation(constant.documentation, to: &page, detail)
    return page
  }

  /// One parameter of a call.
  func page(_ parameter: Parameter, of builtin: Builtin, _ detail: Detail) -> HelpPage {
    var page = HelpPage()
    page.blocks.append(.code(parameter.signature))
    let remark = remark(on: parameter)
    page.blocks.append(.text("A parameter of `\(builtin.name)`" + (remark.isEmpty ? "." : ": \(remark)")))
    if detail == .full { page.blocks += self.page(builtin, detail).blocks }
    return page
  }
}

extension HelpPages {
  // MARK: what the session holds

  func page(_ variable: Snapshot.Variable, _ detail: Detail) -> HelpPage {
    var page = HelpPage()
    if let signature = variable.signature {
      let isType = variable.typeName.hasSuffix(".Type")
      page.blocks.append(.code((isType ? "struct " : "func ") + signature))
    } else {
      let keyword = variable.isMutable ? "var" : "let"
      page.blocks.append(.code("\(keyword) \(variable.name): \(variable.typeName)"))
    }
    if !variable.documentation.isEmpty { page.blocks.append(.text(variable.documentation)) }
    if variable.signature == nil, variable.summary != variable.typeName {
      page.blocks.append(.field("Value", variable.summary))
    }
    guard detail == .full else { return page }
    let own = variable.members.map { HelpPage.Row(name: $0, remark: variable.memberTypes[$0] ?? "") }
    if !own.isEmpty { page.blocks.append(.list("Members", own)) }
    if !variable.keys.isEmpty {
      let keys = variable.keys.prefix(40).map { "\"\($0)\"" }.joined(separator: ", ")
      page.blocks.append(.field("Keys", keys + (variable.keys.count > 40 ? ", …" : "")))
    }
    if let type = variable.registryType.flatMap({ registry.types[$0] }), variable.signature == nil {
      page.blocks += self.page(type, .full).blocks
    }
    return page
  }

  /// A name that only the code around the cursor knows.
  func page(local name: String, _ type: InferredType) -> HelpPage {
    var page = HelpPage()
    if let function = type.function {
      page.blocks.append(.code("func \(name)\(function.signature.trimmedDescription)"))
    } else if type.isType {
      page.blocks.append(.code("struct \(name)"))
    } else {
      page.blocks.append(.code(type.name.isEmpty ? "let \(name)" : "let \(name): \(type.name)"))
    }
    return page
  }

  // MARK: parts

  private func addDocumentation(_ documentation: Documentation, to page: inout HelpPage, _ detail: Detail) {
    if !documentation.summary.isEmpty { page.blocks.append(.text(documentation.summary)) }
    guard detail == .full else { return }
    if let formula = documentation.formula { page.blocks.append(.field("Formula", formula)) }
    if let shapes = documentation.shapes { page.blocks.append(.field("Shapes", shapes)) }
    if let discussion = documentation.discussion { page.blocks.append(.text(discussion)) }
    if let example = documentation.example {
      page.blocks.append(.text("Example"))
      page.blocks.append(.code(example))
    }
    if let paper = documentation.paper { page.blocks.append(.field("Source", paper)) }
  }

  private func addParameters(_ builtin: Builtin, to page: inout HelpPage) {
    var rows: [HelpPage.Row] = []
    var seen: Set<String> = []
    for parameter in builtin.signatures.flatMap(\.parameters) where seen.insert(parameter.signature).inserted
    {
      rows.append(HelpPage.Row(name: parameter.signature, remark: remark(on: parameter)))
    }
    if rows.contains(where: { !$0.remark.isEmpty }) { page.blocks.append(.list("Parameters", rows)) }
  }

  func remark(on parameter: Parameter) -> String {
    var parts = parameter.documentation.isEmpty ? [] : [parameter.documentation]
    let cases = (registry.enumerations(parameter.type) ?? []).flatMap { registry.types[$0]?.caseNames ?? [] }
    if !cases.isEmpty { parts.append("one of " + cases.map { ".\($0)" }.joined(separator: ", ")) }
    if !parameter.aliases.isEmpty {
      parts.append("also written " + parameter.aliases.map { "\($0):" }.joined(separator: ", "))
    }
    return parts.joined(separator: "; ")
  }

  private func addMembers(of type: TypeDescription, to page: inout HelpPage) {
    var properties: [HelpPage.Row] = []
    var methods: [HelpPage.Row] = []
    for name in type.allMemberNames where !name.hasPrefix("_") {
      switch type.member(name) {
      case .property(let property)?:
        properties.append(
          HelpPage.Row(name: "\(name): \(property.type)", remark: property.documentation.summary))
      case .method(let method)?:
        let remark = method.signatures.first?.documentation.summary ?? ""
        let shown = name == "callAsFunction" ? "(…)" : name
        methods.append(HelpPage.Row(name: shown, remark: remark))
      default: break
      }
    }
    if !properties.isEmpty { page.blocks.append(.list("Properties", properties)) }
    if !methods.isEmpty { page.blocks.append(.list("Methods", methods)) }
  }

  private func addAliases(_ aliases: [String], to page: inout HelpPage) {
    if !aliases.isEmpty {
      page.blocks.append(.field("Also written", aliases.map { "`\($0)`" }.joined(separator: ", ")))
    }
  }
}

extension StringProtocol {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
    var view = self[...]
    while let last = view.last, predicate(last) { view.removeLast() }
    return String(view)
  }
}
