import Diagnostics
import OrderedCollections

extension Evaluation {
  /// `container[arguments]`
  public func element(_ arguments: CallArguments, of container: Value) throws -> Value {
    switch container {
    case .array(let values):
      switch try only(arguments, of: container) {
      case .int(let index):
        guard values.indices.contains(index) else { throw outOfRange(index, count: values.count) }
        return values[index]
      case .range(let range): return .array(Array(values[try bounds(range, count: values.count)]))
      case .object(let object):
        if let number = try object.number(self), let index = Int(exactly: number) {
          guard values.indices.contains(index) else { throw outOfRange(index, count: values.count) }
          return values[index]
        }
      default: break
      }
      throw badIndex(arguments.values[0], of: "an array", wants: "an Int or a range")
    case .dictionary(let entries):
      let (key, fallback) = try dictionaryKey(arguments)
      return entries[key] ?? fallback ?? .null
    case .string(let text):
      switch try only(arguments, of: container) {
      case .int(let index):
        guard index >= 0, let place = text.index(text.startIndex, offsetBy: index, limitedBy: text.endIndex),
          place < text.endIndex
        else { throw outOfRange(index, count: text.count) }
        return .string(String(text[place]))
      case .range(let range):
        let characters = Array(text)
        return .string(String(characters[try bounds(range, count: characters.count)]))
      default: throw badIndex(arguments.values[0], of: "a string", wants: "an Int or a range")
      }
    case .tuple(let tuple):
      if case .int(let index) = try only(arguments, of: container) {
        guard tuple.values.indices.contains(index) else { throw outOfRange(index, count: tuple.values.count) }
        return tuple.values[index]
      }
    case .object(let object):
      do {
        if let result = try object.subscriptValue(arguments, self) { return result }
      } catch let error { throw placed(error, at: arguments.site) }
    case .null:
      throw Diagnostic(
        id: "unexpected-nil", message: "`[…]` is asked of nil",
        hints: ["use `?[…]`, or test the value with `if let`"])
    default: break
    }
    throw noSubscript(container)
  }

  /// `container[arguments] = value`. The result says whether the container itself changed, and not just an object.
  func setElement(_ arguments: CallArguments, of container: inout Value, to value: Value) throws -> Bool {
    switch container.kind {
    case .object:
      guard case .object(let object) = container else { break }
      do {
        if try object.setSubscript(arguments, to: value, self) { return false }
      } catch let error { throw placed(error, at: arguments.site) }
      throw Diagnostic(
        id: "read-only-element", message: "elements of \(container.typeDescription) cannot be set")
    case .array:
      guard case .range(let range) = try only(arguments, of: container) else { break }
      guard case .array(let new) = value else {
        throw Diagnostic(
          id: "type-mismatch",
          message: "a range of elements is set from an array, not \(value.typeDescription)")
      }
      guard var values = container.takeArray() else { break }
      defer { container = .array(values) }
      values.replaceSubrange(try bounds(range, count: values.count), with: new)
      return true
    case .dictionary:
      let (key, _) = try dictionaryKey(arguments)
      guard var entries = container.takeDictionary() else { break }
      if case .null = value { entries.removeValue(forKey: key) } else { entries[key] = value }
      container = .dictionary(entries)
      try value.checkNesting()
      return true
    default: break
    }
    return try changeElement(arguments, of: &container) {
      $0 = value
      return true
    }
  }

  /// Runs `body` on `container[arguments]` in place. The result says whether the container itself changed.
  func changeElement(
    _ arguments: CallArguments, of container: inout Value, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    switch container.kind {
    case .array:
      var position: Int?
      switch try only(arguments, of: container) {
      case .int(let index): position = index
      case .object(let object): position = try object.number(self).flatMap { Int(exactly: $0) }
      case .range:
        var part = try element(arguments, of: container)
        guard try body(&part) else { return false }
        return try setElement(arguments, of: &container, to: part)
      default: break
      }
      guard let index = position else {
        throw badIndex(arguments.values[0], of: "an array", wants: "an Int or a range")
      }
      guard var values = container.takeArray() else { break }
      defer { container = .array(values) }
      guard values.indices.contains(index) else { throw outOfRange(index, count: values.count) }
      let changed = try body(&values[index])
      if changed { try values[index].checkNesting() }
      return changed
    case .dictionary:
      let (key, fallback) = try dictionaryKey(arguments)
      guard var entries = container.takeDictionary() else { break }
      defer { container = .dictionary(entries) }
      var value = Value.null
      if let index = entries.index(forKey: key) {
        value = entries.values[index]
        entries.values[index] = .void
      } else if let fallback {
        value = fallback
      }
      // What `body` leaves goes back in its place, also when it throws.
      defer {
        if case .null = value { entries.removeValue(forKey: key) } else { entries[key] = value }
      }
      let changed = try body(&value)
      if changed { try value.checkNesting() }
      return changed
    case .tuple:
      guard case .int(let index) = try only(arguments, of: container), var tuple = container.takeTuple()
      else {
        break
      }
      defer { container = .tuple(tuple) }
      guard tuple.values.indices.contains(index) else { throw outOfRange(index, count: tuple.values.count) }
      return try body(&tuple.values[index])
    case .string:
      throw Diagnostic(
        id: "read-only-element", message: "characters of a string cannot be set",
        hints: ["build a new string"])
    case .object:
      var value = try element(arguments, of: container)
      guard try body(&value) else { return false }
      return try setElement(arguments, of: &container, to: value)
    default: break
    }
    throw noSubscript(container)
  }

  private func only(_ arguments: CallArguments, of container: Value) throws -> Value {
    if arguments.count == 1, let first = arguments.values.first {
      if let label = arguments.label(at: 0) {
        throw Diagnostic(
          id: "unknown-label",
          message: "the subscript of \(container.typeDescription) has no label `\(label):`")
      }
      return first
    }
    throw Diagnostic(
      id: "too-many-arguments",
      message: "the subscript of \(container.typeDescription) takes one index, not \(arguments.count)",
      hints: arguments.count > 1 ? ["write `x[i][j]`, or make it a tensor"] : [])
  }

  private func dictionaryKey(_ arguments: CallArguments) throws -> (Key, Value?) {
    guard let first = arguments.values.first, arguments.label(at: 0) == nil, arguments.count <= 2 else {
      throw Diagnostic(id: "too-many-arguments", message: "a dictionary takes one key")
    }
    guard let key = Key(first) else { throw Value.badKey(first) }
    if arguments.count == 2 {
      guard arguments.label(at: 1) == "default" else {
        throw Diagnostic(
          id: "too-many-arguments", message: "a dictionary takes one key",
          hints: ["or `[key, default: value]`"])
      }
      return (key, arguments.values[1])
    }
    return (key, nil)
  }

  /// The positions a range means in a sequence of `count` elements.
  public func bounds(_ range: RangeValue, count: Int) throws -> Range<Int> {
    func position(_ bound: RangeValue.Bound?) throws -> Int? {
      switch bound {
      case nil: return nil
      case .int(let value)?: return value
      case .double(let value)?:
        throw Diagnostic(id: "type-mismatch", message: "an index range needs Ints, not \(value)")
      }
    }
    let low = try position(range.lower) ?? 0
    var high = try position(range.upper) ?? count
    if range.isClosed, range.upper != nil, high < Int.max { high += 1 }
    guard low >= 0, high <= count, low <= high else {
      throw Diagnostic(
        id: "index-out-of-range",
        message: "the range \(Value.range(range).debugText) does not lie within 0..<\(count)")
    }
    return low..<high
  }

  private func outOfRange(_ index: Int, count: Int) -> Diagnostic {
    var hints: [String] = []
    if index < 0, count > 0 {
      hints = ["count from the end with `.last`, or `[….count - \(index.magnitude)]`"]
    }
    return Diagnostic(
      id: "index-out-of-range",
      message: count == 0
        ? "index \(index) is out of range: there are no elements"
        : "index \(index) is out of range: the last of \(count) elements is \(count - 1)",
      hints: hints)
  }

  private func badIndex(_ value: Value, of what: String, wants: String) -> Diagnostic {
    Diagnostic(
      id: "type-mismatch", message: "the index of \(what) must be \(wants), not \(value.typeDescription)")
  }

  private func noSubscript(_ value: Value) -> Diagnostic {
    Diagnostic(id: "no-subscript", message: "\(value.typeDescription) has no `[…]`")
  }
}
