/// Numbers, text, containers and the notes by number: each function tells whether the operation is one of its kind.
extension PickleMachine {
  mutating func number(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "K"): stack.append(.int(try size(1)))
    case UInt8(ascii: "M"): stack.append(.int(try size(2)))
    case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try size(4)))))
    case 0x8A:
      let count = try size(1)
      guard count <= 8 else { throw refuse("it has a whole number beyond 64 bits") }
      let type = PickleValue.NumberType("i8")
      let bytes = file.bytes[try take(count)]
      let fill: UInt8 = bytes.last.map { $0 & 0x80 != 0 } ?? false ? 0xFF : 0
      guard let number = type?.number(bytes + Array(repeating: fill, count: 8 - count)) else {
        throw damaged()
      }
      stack.append(.int(number))
    case UInt8(ascii: "I"):
      let text = try line()
      guard let number = Int(text) else { throw damaged() }
      stack.append(text == "00" || text == "01" ? .bool(number == 1) : .int(number))
    case UInt8(ascii: "G"):
      let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64(file.bytes[$1]) }
      stack.append(.double(Double(bitPattern: bits)))
    default: return false
    }
    return true
  }

  mutating func text(_ code: UInt8) throws -> Bool {
    switch code {
    case 0x8C: stack.append(.text(try take(size(1))))
    case UInt8(ascii: "X"): stack.append(.text(try take(size(4))))
    case 0x8D: stack.append(.text(try take(size(8))))
    case UInt8(ascii: "U"), UInt8(ascii: "C"): stack.append(.bytes(.init(place: try take(size(1)))))
    case UInt8(ascii: "T"), UInt8(ascii: "B"): stack.append(.bytes(.init(place: try take(size(4)))))
    case 0x8E, 0x96: stack.append(.bytes(.init(place: try take(size(8)))))
    default: return false
    }
    return true
  }

  mutating func container(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "("): stack.append(.mark)
    case UInt8(ascii: "]"), UInt8(ascii: ")"): pushList([])
    case UInt8(ascii: "l"), UInt8(ascii: "t"): pushList(try popToMark())
    case 0x85: pushList([try pop()])
    case 0x86:
      let second = try pop()
      pushList([try pop(), second])
    case 0x87:
      let (third, second) = (try pop(), try pop())
      pushList([try pop(), second, third])
    case UInt8(ascii: "a"):
      let value = try pop()
      try append([value])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "}"):
      stack.append(.dictionary(dictionaries.count))
      dictionaries.append([])
    case UInt8(ascii: "d"):
      let pairs = try popToMark()
      stack.append(.dictionary(dictionaries.count))
      dictionaries.append([])
      try set(pairs)
    case UInt8(ascii: "s"):
      let value = try pop()
      try set([try pop(), value])
    case UInt8(ascii: "u"): try set(try popToMark())
    default: return false
    }
    return true
  }

  private mutating func append(_ values: [PickleValue]) throws {
    guard case .list(let place) = stack.last else { throw damaged() }
    lists[place] += values
  }

  private mutating func set(_ pairs: [PickleValue]) throws {
    guard case .dictionary(let place) = stack.last, pairs.count % 2 == 0 else { throw damaged() }
    for start in stride(from: 0, to: pairs.count, by: 2) {
      dictionaries[place].append((pairs[start], pairs[start + 1]))
    }
  }

  mutating func memory(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "q"): note(try size(1))
    case UInt8(ascii: "r"): note(try size(4))
    case 0x94: note(memo.count)
    case UInt8(ascii: "p"): note(Int(try line()) ?? -1)
    case UInt8(ascii: "h"): try recall(try size(1))
    case UInt8(ascii: "j"): try recall(try size(4))
    case UInt8(ascii: "g"): try recall(Int(try line()) ?? -1)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    default: return false
    }
    return true
  }

  private mutating func note(_ number: Int) { memo[number] = stack.last }

  private mutating func recall(_ number: Int) throws {
    guard let value = memo[number] else { throw damaged() }
    stack.append(value)
  }

  mutating func global(_ module: String, _ name: String) throws {
    guard let function = PickleValue.Function(module: module, name: name) else {
      throw refuse("it asks for Python's \(module).\(name); \(Self.accepted)")
    }
    stack.append(.function(function))
  }
}
