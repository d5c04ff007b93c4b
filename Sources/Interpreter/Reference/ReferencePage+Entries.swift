extension ReferencePage {
  /// A function: its signatures, and what each says.
  func function(_ builtin: Builtin) -> [String] {
    [Markdown.code(signatures(of: builtin))] + parts(of: builtin) + aliases(builtin.aliases)
  }

  /// A type: how it is made, and its own members.
  func type(_ type: TypeDescription) -> [String] {
    var blocks: [String] = []
    if let initializer = type.initializer { blocks.append(Markdown.code(signatures(of: initializer))) }
    if !type.documentation.summary.isEmpty { blocks += documentation(type.documentation) }
    if let initializer = type.initializer {
      blocks += parts(of: initializer, after: type.documentation)
    }
    blocks += aliases(type.aliases)
    blocks += members(of: type)
    return blocks
  }

  /// Summary, formula, shapes, remarks, example and source.
  func documentation(_ documentation: Documentation) -> [String] {
    var blocks = [Markdown.text(documentation.summary)]
    var fields: [String] = []
    if let formula = documentation.formula { fields.append("**Formula:** \(Markdown.span(formula))") }
    if let shapes = documentation.shapes { fields.append("**Shapes:** \(Markdown.text(shapes))") }
    if !fields.isEmpty { blocks.append(fields.joined(separator: "  \n")) }
    if let discussion = documentation.discussion { blocks.append(Markdown.text(discussion)) }
    if let example = documentation.example { blocks.append("**Example:**\n\n" + Markdown.code(example)) }
    if let paper = documentation.paper { blocks.append("**Source:** \(Markdown.text(paper))") }
    return blocks.filter { !$0.isEmpty }
  }

  /// What the signatures say, what they give, and their parameters. `said` stands above already.
  private func parts(of builtin: Builtin, after said: Documentation? = nil) -> [String] {
    var blocks: [String] = []
    for (index, signature) in builtin.signatures.enumerated() where signature.documentation != said {
      if index > 0 { blocks.append("With \(Markdown.span(arguments(of: signature))):") }
      var words = signature.documentation
      if words.example == said?.example { words.example = nil }
      blocks += documentation(words)
    }
    let given = builtin.signatures.map(\.result).flatMap(names).filter { $0 != builtin.name }
    if let links = links(given) { blocks.append("**Gives:** \(links)") }
    let rows = parameterRows(builtin)
    if !rows.isEmpty { blocks.append(Markdown.table(["Parameter", "Meaning"], rows)) }
    return blocks
  }

  private func members(of type: TypeDescription) -> [String] {
    var blocks: [String] = []
    if let parent = type.parent { blocks.append("Has the members of \(link(parent.name)) too.") }
    let shown = type.members.filter { !$0.key.hasPrefix("_") }.sorted { $0.key < $1.key }.map(\.value)
    let statics = type.staticMembers.sorted { $0.key < $1.key }.map(\.value)
    var cases: [[String]] = []
    var properties: [[String]] = []
    var methods: [String] = []
    for (member, isStatic) in statics.map({ ($0, true) }) + shown.map({ ($0, false) }) {
      let owner = isStatic ? type.name : ""
      switch member {
      case .case(let description):
        let spellings = [description.name] + description.aliases.sorted()
        cases.append([
          spellings.map { "`.\($0)`" }.joined(separator: ", "), Markdown.cell(description.documentation),
        ])
      case .property(let property):
        properties.append([
          Markdown.cellSpan("\(owner.isEmpty ? "" : owner + ".")\(property.name): \(property.type)"),
          propertyText(property),
        ])
      case .method(let method): methods.append(item(method, owner: owner))
      }
    }
    methods += type.methodsBesideProperties.sorted { $0.key < $1.key }.map { item($0.value, owner: "") }
    if !cases.isEmpty { blocks.append(Markdown.table(["Case", "Meaning"], cases)) }
    if !properties.isEmpty { blocks.append(Markdown.table(["Property", "What it is"], properties)) }
    if !methods.isEmpty { blocks.append("**Methods**\n\n" + methods.joined(separator: "\n")) }
    return blocks
  }

  private func propertyText(_ property: PropertyDescription) -> String {
    var text = Markdown.cell(property.documentation.summary)
    if let formula = property.documentation.formula { text += " Formula: \(Markdown.cellSpan(formula))." }
    if property.isSettable { text += " Can be set." }
    if !property.aliases.isEmpty { text += " Also `\(property.aliases.joined(separator: "`, `"))`." }
    return text
  }

  /// A method in a type's list: each way to call it, with what it says.
  private func item(_ method: Builtin, owner: String) -> String {
    var lines: [String] = []
    for (signature, text) in zip(method.signatures, method.signatureTexts) {
      let call = text.replacing("callAsFunction(", with: "(", maxReplacements: 1)
      let said = signature.documentation
      lines.append("- \(Markdown.span(owner.isEmpty ? call : "\(owner).\(call)"))  ")
      var words = [Markdown.text(said.summary)]
      if let formula = said.formula { words.append("Formula: \(Markdown.span(formula)).") }
      if let shapes = said.shapes { words.append("Shapes: \(Markdown.text(shapes)).") }
      if let discussion = said.discussion { words.append(Markdown.text(discussion)) }
      if let example = said.example { words.append("Example: \(Markdown.span(example)).") }
      if let paper = said.paper { words.append("Source: \(Markdown.text(paper)).") }
      lines.append("  " + words.filter { !$0.isEmpty }.joined(separator: " "))
      for parameter in signature.parameters {
        let remark = pages.remark(on: parameter)
        if !remark.isEmpty { lines.append("  - `\(parameter.name)`: \(Markdown.text(remark))") }
      }
    }
    if !method.aliases.isEmpty { lines[1] += " Also `\(method.aliases.joined(separator: "`, `"))`." }
    return lines.joined(separator: "\n")
  }

  private func aliases(_ aliases: [String]) -> [String] {
    aliases.isEmpty ? [] : ["**Also written:** " + aliases.map { "`\($0)`" }.joined(separator: ", ")]
  }

  private func parameterRows(_ builtin: Builtin) -> [[String]] {
    var seen: Set<String> = []
    let parameters = builtin.signatures.flatMap(\.parameters).filter { seen.insert($0.signature).inserted }
    let rows = parameters.map { [Markdown.cellSpan($0.signature), Markdown.cell(pages.remark(on: $0))] }
    return rows.filter { !$0[1].isEmpty }
  }

  private func arguments(of signature: Signature) -> String {
    "(" + signature.parameters.map(\.signature).joined(separator: ", ") + ")"
  }

  /// Each signature on a line; a long one with a line for each parameter.
  private func signatures(of builtin: Builtin) -> String {
    zip(builtin.signatures, builtin.signatureTexts).map { signature, text in
      guard text.count > 100 else { return text }
      let result = signature.result == .void ? "" : " -> \(signature.result)"
      let lines = signature.parameters.map { "  \($0.signature)" }.joined(separator: ",\n")
      return "\(builtin.name)(\n\(lines)\n)\(result)"
    }.joined(separator: "\n")
  }

  private func links(_ names: [String]) -> String? {
    var seen: Set<String> = []
    let known = names.filter { registry.types[$0] != nil && seen.insert($0).inserted }
    return known.isEmpty ? nil : known.map(link).joined(separator: ", ")
  }

  /// The registry types in a type.
  private func names(_ type: TypeReference) -> [String] {
    switch type {
    case .named(let name): [name]
    case .array(let inner), .dictionary(let inner), .optional(let inner): names(inner)
    case .tuple(let types), .oneOf(let types): types.flatMap(names)
    default: []
    }
  }
}
