/// torchmeta's and PyTorch's spellings of builtin names, labels and members.
public enum Spelling {
  /// The names a spelling may stand for, best first: itself, camelCase, and both without a leading `get_`.
  public static func candidates(_ spelling: String) -> [String] {
    var result = [spelling]
    guard spelling.utf8.contains(UInt8(ascii: "_")) else { return result }
    let camel = camelCase(spelling)
    if camel != spelling { result.append(camel) }
    if spelling.hasPrefix("get_") {
      let rest = String(spelling.dropFirst(4))
      result.append(rest)
      let camel = camelCase(rest)
      if camel != rest { result.append(camel) }
    }
    return result
  }

  /// `num_adaptation_steps` as `numAdaptationSteps`; underscores at the start stay.
  public static func camelCase(_ name: String) -> String {
    let start = name.prefix { $0 == "_" }
    let words = name.dropFirst(start.count).split(separator: "_")
    guard let first = words.first else { return name }
    return start + first + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
