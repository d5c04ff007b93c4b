import Diagnostics

/// What matching asks of a parameter, whoever declared it.
package protocol MatchableParameter {
  /// What the parameter is called in messages.
  var displayName: String { get }
  /// The label calls write; nil for `_`.
  var callLabel: String? { get }
  var isLabelRequired: Bool { get }
  var takesRest: Bool { get }
  /// Takes the arguments whose labels are no other parameter's.
  var takesLabels: Bool { get }
  var isOptional: Bool { get }
  /// Takes a trailing closure before parameters that do not.
  var prefersClosure: Bool { get }
  func answers(to label: String) -> Bool
}

extension MatchableParameter {
  package var takesLabels: Bool { false }
}

extension Parameter: MatchableParameter {
  package var displayName: String { name }
  package var callLabel: String? { name }
  package var isLabelRequired: Bool { kind == .labelled || kind == .keywords }
  package var takesRest: Bool { kind == .variadic }
  package var takesLabels: Bool { kind == .keywords }
  package var isOptional: Bool { defaultValue != nil }
  package var prefersClosure: Bool { type.acceptsFunction }

  package func answers(to label: String) -> Bool {
    if kind == .keywords { return false }
    if label == name { return kind != .variadic }
    return Spelling.candidates(label).contains { $0 == name || aliases.contains($0) }
  }
}

extension TypeReference {
  var acceptsFunction: Bool {
    switch self {
    case .function: true
    case .optional(let wrapped): wrapped.acceptsFunction
    case .oneOf(let choices): choices.contains(where: \.acceptsFunction)
    default: false
    }
  }
}

extension ParameterCode: MatchableParameter {
  package var displayName: String { name }
  package var callLabel: String? { label }
  package var isLabelRequired: Bool { label != nil }
  package var takesRest: Bool { isVariadic }
  package var isOptional: Bool { defaultValue != nil || isVariadic }
  package var prefersClosure: Bool { annotation?.acceptsFunction ?? false }
  package func answers(to label: String) -> Bool { label == self.label }
}

/// Matches the arguments of a call to parameters by labels and positions alone; labelled ones may come in any order.
/// Binding and the static check share it.
package struct ArgumentMatcher {
  package enum Problem {
    case unknownLabel(argument: Int)
    /// The parameter needs its label written.
    case missingLabel(argument: Int, parameter: Int)
    case tooMany(argument: Int)
    case twice(argument: Int, parameter: Int)
    case missing(parameter: Int)
  }

  /// For each parameter the argument it gets; -1 for none.
  package private(set) var assignments: [Int]
  /// Arguments of the variadic parameter.
  package private(set) var rest: [Int] = []
  /// Arguments of the parameter that takes any labels.
  package private(set) var keywords: [Int] = []
  package private(set) var problems: [Problem] = []

  package init<P: MatchableParameter>(
    _ parameters: [P], labels: [String?], count: Int, trailingClosures: Int
  ) {
    assignments = Array(repeating: -1, count: parameters.count)
    let firstTrailing = count - trailingClosures
    // Labelled arguments first, so that positions go to what is left.
    if !labels.isEmpty {
      for index in 0..<count {
        guard let label = labels[index] else { continue }
        var found = parameters.firstIndex { $0.callLabel == label && $0.answers(to: label) }
        if found == nil { found = parameters.firstIndex { $0.answers(to: label) } }
        guard let found else {
          if let taker = parameters.firstIndex(where: \.takesLabels) {
            let isRepeated = keywords.contains { labels[$0] == label }
            if isRepeated { problems.append(.twice(argument: index, parameter: taker)) }
            keywords.append(index)
          } else {
            problems.append(.unknownLabel(argument: index))
          }
          continue
        }
        if assignments[found] >= 0 {
          problems.append(.twice(argument: index, parameter: found))
        } else {
          assignments[found] = index
        }
      }
    }
    var trailing: [Int] = []
    var cursor = 0
    for index in 0..<count where labels.isEmpty || labels[index] == nil {
      if index >= firstTrailing {
        trailing.append(index)
        continue
      }
      while cursor < parameters.count,
        assignments[cursor] >= 0 || (parameters[cursor].isLabelRequired)
      {
        if parameters[cursor].takesRest { break }
        cursor += 1
      }
      guard cursor < parameters.count else {
        let wanting = parameters.indices.filter {
          assignments[$0] < 0 && parameters[$0].isLabelRequired && !parameters[$0].takesLabels
        }
        if let parameter = wanting.first(where: { !parameters[$0].isOptional }) ?? wanting.first {
          problems.append(.missingLabel(argument: index, parameter: parameter))
          assignments[parameter] = index
        } else {
          problems.append(.tooMany(argument: index))
        }
        continue
      }
      if parameters[cursor].takesRest {
        rest.append(index)
      } else {
        assignments[cursor] = index
        cursor += 1
      }
    }
    for index in trailing {
      let open = parameters.indices.filter {
        assignments[$0] < 0 && !parameters[$0].takesRest && !parameters[$0].takesLabels
      }
      if let parameter = open.first(where: { parameters[$0].prefersClosure })
        ?? open.last(where: { !parameters[$0].isOptional }) ?? open.last
      {
        assignments[parameter] = index
      } else {
        problems.append(.tooMany(argument: index))
      }
    }
    for index in parameters.indices
    where assignments[index] < 0 && !parameters[index].isOptional && !parameters[index].takesRest {
      problems.append(.missing(parameter: index))
    }
  }

  /// The first problem, or nil when the call fits.
  package var firstProblem: Problem? { problems.first }
}

extension ArgumentMatcher {
  /// A problem in words, at its place. `signature` is what help prints.
  package static func diagnostic<P: MatchableParameter>(
    _ problem: Problem, function: String, signature: String, parameters: [P], labels: [String?],
    site: CallSite?, habits: Registry? = nil
  ) -> Diagnostic {
    func span(_ argument: Int) -> Span? {
      site.flatMap { $0.argumentSpans.indices.contains(argument) ? $0.argumentSpans[argument] : $0.span }
    }
    let id: String
    let message: String
    var at = site?.span
    var hints: [String] = []
    switch problem {
    case .unknownLabel(let argument):
      let label = labels.indices.contains(argument) ? labels[argument] ?? "" : ""
      id = "unknown-label"
      message = "`\(function)` has no argument `\(label):`"
      at = span(argument)
      if let habit = habits?.habit(.label, label) {
        hints.append(habit.hint)
      } else if let close = suggestion(for: label, among: parameters.compactMap(\.callLabel)) {
        hints.append("did you mean `\(close):`?")
      } else if let plain = parameters.first(where: { $0.displayName == label && $0.callLabel == nil }) {
        hints.append("write `\(plain.displayName)` without a label")
      }
    case .missingLabel(let argument, let parameter):
      let label = parameters[parameter].callLabel ?? parameters[parameter].displayName
      id = "missing-label"
      message = "`\(function)` takes this argument as `\(label):`"
      at = span(argument)
      if let site, let place = span(argument) {
        hints.append("write `\(label): \(site.source[place].prefix(40))`")
      }
    case .tooMany(let argument):
      id = "too-many-arguments"
      let most = parameters.count
      message =
        most == 0
        ? "`\(function)` takes no arguments"
        : "`\(function)` takes at most \(most) argument\(most == 1 ? "" : "s")"
      at = span(argument)
    case .twice(let argument, let parameter):
      id = "duplicate-argument"
      let label =
        parameters[parameter].takesLabels && labels.indices.contains(argument) ? labels[argument] : nil
      message = "the argument `\(label ?? parameters[parameter].displayName)` is given twice"
      at = span(argument)
    case .missing(let parameter):
      let label = parameters[parameter].callLabel.flatMap {
        parameters[parameter].isLabelRequired ? "\($0):" : nil
      }
      id = "missing-argument"
      message = "`\(function)` needs the argument `\(label ?? parameters[parameter].displayName)`"
    }
    hints.append("it is declared as `\(signature)`")
    return Diagnostic(id: id, message: message, span: at, source: site?.source, hints: hints)
  }
}
