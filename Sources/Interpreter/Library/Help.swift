import Diagnostics
import Display

extension StandardLibrary {
  static func registerHelp(in builder: RegistryBuilder) {
    builder.function(
      "help", [.positional("subject", .any)],
      Documentation(
        "Shows what is known of a function, a type or a value.", example: "help(print)",
        discussion: "`name?` on a line of its own does the same.")
    ) { arguments, evaluation in
      let page = HelpPages(registry: evaluation.registry, snapshot: evaluation.snapshots.current)
        .page(on: arguments["subject"])
      evaluation.output.display(page.mimeBundle, id: nil, update: false)
      return .void
    }
    builder.function("help", [], "Lists all functions and types.") { _, evaluation in
      let page = HelpPages(registry: evaluation.registry, snapshot: .empty).overview()
      evaluation.output.display(page.mimeBundle, id: nil, update: false)
      return .void
    }
  }
}

extension HelpPages {
  /// Help on a value: its function, its type, or the type it is of with the value itself.
  func page(on value: Value) -> HelpPage {
    switch value {
    case .function(let function):
      switch function.kind {
      case .builtin(let builtin), .bound(let builtin, _): return page(builtin, .full)
      case .closure, .method, .native: break
      }
    case .type(.builtin(let type)): return page(type, .full)
    default: break
    }
    let variable = Snapshot.Variable("value", value, isMutable: false, registry)
    var page = page(variable, .full)
    if variable.signature == nil { page.blocks[0] = .code(value.typeName) }
    return page
  }
}
