/// What Package.swift says about the targets of Sources: layer and dependencies.
///
/// The manifest is read as text, since a test cannot ask the package manager that is running it.
/// A target's layer is the number in the last `// layer N` comment above it.
struct PackageManifest {
  struct Target {
    let name: String
    let layer: Int
    let isSystemLibrary: Bool
    let targets: Set<String>  // dependencies inside this package
    let products: Set<String>  // modules of other packages
  }

  let targets: [Target]

  struct Unreadable: Error { let reason: String }

  init(_ manifest: String) throws {
    let constants = Self.constants(in: manifest)
    guard let start = manifest.range(of: "\n  targets: [")?.upperBound else {
      throw Unreadable(reason: "no list of targets")
    }
    let list = manifest[start...]
    let heads = list.matches(
      of: /(?m)^ {4}(?:\/\/ layer (\d+)|\/\/ tests|(library|\.systemLibrary|\.target|\.executableTarget)\()/)

    var found: [(name: String, layer: Int, isSystem: Bool, call: Substring)] = []
    var layer: Int?
    for head in heads {
      if let number = head.output.1 {
        layer = Int(number)
      } else if let kind = head.output.2 {
        let call = try Self.parenthesized(list, from: list.index(before: head.range.upperBound))
        guard let layer, let name = call.firstMatch(of: /"(\w+)"/)?.output.1 else {
          throw Unreadable(reason: "a target without a name or without a layer: \(call)")
        }
        found.append((String(name), layer, kind == ".systemLibrary", call))
      } else {
        break  // the tests come last
      }
    }

    let names = Set(found.map(\.name))
    targets = try found.map { target in
      var call = String(target.call)
      for (name, value) in constants {
        call = call.replacing(try Regex("\\b\(name)\\b"), with: value)
      }
      let products = call.matches(of: /\.product\(\s*name: "(\w+)"/).map { String($0.output.1) }
      let strings = call.replacing(/\.product\([^)]*\)/, with: "").matches(of: /"(\w+)"/).map {
        String($0.output.1)
      }
      return Target(
        name: target.name, layer: target.layer, isSystemLibrary: target.isSystem,
        targets: Set(strings).intersection(names).subtracting([target.name]), products: Set(products))
    }
  }

  /// The values of `let name: Target.Dependency = …` and `[Target.Dependency]` at the top of the manifest.
  private static func constants(in manifest: String) -> [(name: String, value: String)] {
    manifest.matches(of: /(?m)^let (\w+): \[?Target\.Dependency\]? = ((?:\[\n(?:.*\n)*?\])|.*)$/)
      .map { (String($0.output.1), String($0.output.2)) }
  }

  /// The text between the parenthesis at `start` and the one that closes it.
  private static func parenthesized(_ text: Substring, from start: String.Index) throws -> Substring {
    var depth = 0
    for index in text[start...].indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" { depth -= 1 }
      if depth == 0 { return text[start...index] }
    }
    throw Unreadable(reason: "a parenthesis is not closed")
  }
}
