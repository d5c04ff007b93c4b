import ArrayCore

/// What can go wrong in modules, optimizers and their files, as data; `description` is the only place that
/// words it.
public enum NNError: Error, Sendable, CustomStringConvertible {
  /// A replacement, gradient or state names a parameter that the model does not have.
  case unknownParameter(name: String, model: String, known: [String])
  /// No parameter's name fits.
  case noParameterMatches(pattern: String, known: [String])
  /// A replacement names a parameter of a plain module, which is never adapted.
  case notReplaceable(name: String, module: String)
  /// A replacement or a gradient has another shape than its parameter.
  case shapeDiffers(name: String, expected: Shape, found: Shape)
  /// A module was called with another number of inputs than it takes.
  case inputCount(module: String, expected: Int, found: Int)
  /// A module was called with an input of a shape that it cannot take.
  case inputShape(module: String, expected: String, found: Shape)
  /// Batch normalisation was given a single value for each channel: its variance is zero.
  case oneValuePerChannel(module: String, found: Shape)
  /// A constructor's argument makes no sense.
  case argument(type: String, reason: String)
  /// PyTorch has it, this library does not.
  case unsupported(type: String, what: String)
  /// A module class that lacks `forward` or `makeCopy`.
  case notImplemented(module: String, method: String)
  /// The tensors of a file or dictionary are not those of the model.
  case loadMismatch(source: String, missing: [String], unexpected: [String], misshaped: [Misshaped])
  /// A file that is missing, truncated, hostile or not what its name says.
  case file(path: String, reason: String)

  /// A tensor whose shape is not the model's.
  public struct Misshaped: Sendable {
    public let name: String
    public let expected: Shape
    public let found: Shape
  }

  public var description: String {
    switch self {
    case .unknownParameter(let name, let model, let known):
      var text = "\(model) has no parameter \"\(name)\""
      if let near = nearestName(to: name, among: known) {
        text += "; did you mean \"\(near)\"?"
      } else if known.isEmpty {
        text += "; it has none"
      } else {
        text += "; it has \(listed(known))"
      }
      return text
    case .noParameterMatches(let pattern, let known):
      return "no parameter matches \"\(pattern)\"; the model has \(known.isEmpty ? "none" : listed(known))"
    case .notReplaceable(let name, let module):
      return
        "\"\(name)\" belongs to a plain \(module), which takes no replacement parameters; use Meta\(module)"
    case .shapeDiffers(let name, let expected, let found):
      return "\"\(name)\" has shape \(expected), but \(found) was given for it"
    case .inputCount(let module, let expected, let found):
      return "\(module) takes \(expected) \(expected == 1 ? "input" : "inputs"), but \(found) were given"
    case .inputShape(let module, let expected, let found):
      return "\(module) expects an input of shape \(expected), but was given \(found)"
    case .oneValuePerChannel(let module, let found):
      return "\(module) needs more than one value for each channel to normalise; the input has shape \(found)"
    case .argument(let type, let reason):
      return "\(type): \(reason)"
    case .unsupported(let type, let what):
      return "\(what) of \(type) is planned but not part of this version"
    case .notImplemented(let module, let method):
      return "\(module) does not implement \(method)"
    case .loadMismatch(let source, let missing, let unexpected, let misshaped):
      var parts: [String] = []
      if !missing.isEmpty { parts.append("missing \(listed(missing))") }
      if !unexpected.isEmpty { parts.append("unexpected \(listed(unexpected))") }
      for item in misshaped.prefix(5) {
        parts.append("\"\(item.name)\" has shape \(item.found), the model's is \(item.expected)")
      }
      return "\(source) does not fit the model: " + parts.joined(separator: "; ")
    case .file(let path, let reason):
      return "\(path): \(reason)"
    }
  }
}

/// The first few names in quotes, and how many more there are.
package func listed(_ names: [String]) -> String {
  let shown = names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
  return names.count > 8 ? shown + " and \(names.count - 8) more" : shown
}

/// The known name with the smallest edit distance, if it is close enough to be a slip.
package func nearestName(to name: String, among known: [String]) -> String? {
  let target = Array(name.unicodeScalars.prefix(200))
  var best: (name: String, distance: Int)?
  for candidate in known {
    let distance = editDistance(target, Array(candidate.unicodeScalars.prefix(200)))
    if distance < best?.distance ?? Int.max { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(2, target.count / 3) else { return nil }
  return best.name
}

private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
      diagonal = row[j + 1]
      row[j + 1] = next
    }
  }
  return row[b.count]
}
