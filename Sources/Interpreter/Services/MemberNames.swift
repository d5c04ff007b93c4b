import Diagnostics

extension Registry {
  /// Names after the dot, for "did you mean", completion and the static check.
  func memberNames(of value: Value) -> [String] {
    var names = value.definition?.memberNames ?? []
    if let type = type(of: value) { names += type.allMemberNames }
    switch value {
    case .object(let object): names += object.dynamicMemberNames
    case .tuple(let tuple): names += tuple.labels.compactMap { $0 }
    case .type(.builtin(let type)): names += type.staticMembers.keys.sorted()
    case .type(.definition(let definition)):
      names += definition.staticVariables.keys.sorted() + definition.staticMethods.keys.sorted()
    default: break
    }
    return names
  }

  /// The problem of a member that a value lacks, without its place.
  func unknownMember(_ name: String, of value: Value) -> Diagnostic {
    if let habit = habit(.member, name) {
      return Diagnostic(id: "unknown-member", message: habit.message, hints: [habit.hint])
    }
    let message: String
    switch value {
    case .null:
      return Diagnostic(
        id: "unexpected-nil", message: "`.\(name)` is asked of nil",
        hints: ["use `?.\(name)`, or test the value with `if let`"])
    case .type(let type): message = "`\(type.name)` has no member `\(name)`"
    default: message = "\(value.typeDescription) has no member `\(name)`"
    }
    let close = suggestion(for: name, among: memberNames(of: value))
    return Diagnostic(
      id: "unknown-member", message: message, hints: close.map { ["did you mean `\($0)`?"] } ?? [])
  }
}
