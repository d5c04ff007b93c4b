import ArrayCore

/// Runs a pickle's operations over a stack of plain values and tables of what is in containers.
struct PickleMachine {
  let file: MappedFile
  private var place = 0
  var stack: [PickleValue] = []
  var memo: [Int: PickleValue] = [:]
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var arrays: [PickleValue.NumberArray] = []
  var types: [PickleValue.NumberType] = []
  private var operations = 0

  /// More operations are refused: the largest published files have some millions.
  private static let operationLimit = 1 << 25

  init(_ file: MappedFile) { self.file = file }

  func refuse(_ reason: String) -> DatasetError { .file(path: file.path, reason: reason) }

  /// The value that the pickle makes.
  mutating func run() throws -> PickleValue {
    // A first byte that no pickle of these protocols begins with.
    guard let first = file.bytes.first, first == 0x80 || "}](".utf8.contains(first) else {
      throw refuse("it is no pickle of protocol 1 to 5")
    }
    while true {
      let code = try byte()
      operations += 1
      guard operations <= Self.operationLimit else { throw refuse("it has too many values") }
      if operations % 65536 == 0 { try Cancellation.check("pickle") }
      if code == UInt8(ascii: ".") { return try pop() }
      try step(code)
    }
  }

  private mutating func step(_ code: UInt8) throws {
    if try number(code) || text(code) || container(code) || memory(code) { return }
    switch code {
    case 0x80:
      let version = try byte()
      guard version <= 5 else {
        throw refuse("it is a pickle of protocol \(version), where at most 5 is read")
      }
    case 0x95: _ = try take(8)  // the size of a frame
    case UInt8(ascii: "c"): try global(try line(), try line())
    case 0x93:
      let (name, module) = (try pop(), try pop())
      guard case .text(let name) = name, case .text(let module) = module else { throw damaged() }
      try global(string(module), string(name))
    case UInt8(ascii: "R"):
      guard case .list(let arguments) = try pop(), case .function(let function) = try pop() else {
        throw damaged()
      }
      stack.append(try call(function, lists[arguments]))
    case UInt8(ascii: "b"): try build()
    case _ where "SVFL".utf8.contains(code):
      throw refuse("it is a pickle of protocol 0; write it again with protocol 2 or later")
    default:
      throw refuse(
        "it holds objects (operation \(String(code, radix: 16)) at byte \(place - 1)); \(Self.accepted)")
    }
  }

  static let accepted =
    "only numbers, text, lists, dictionaries and numpy arrays of whole numbers are read"

  // MARK: the file

  mutating func take(_ count: Int) throws -> Range<Int> {
    guard count >= 0, count <= file.bytes.count - place else {
      throw refuse("it is a pickle that is cut off")
    }
    place += count
    return (place - count)..<place
  }

  mutating func byte() throws -> UInt8 { file.bytes[try take(1).lowerBound] }

  /// A number of so many bytes, the lowest first.
  mutating func size(_ bytes: Int) throws -> Int {
    var bits: UInt64 = 0
    for place in try take(bytes).reversed() { bits = bits << 8 | UInt64(file.bytes[place]) }
    guard let size = Int(exactly: bits) else { throw damaged() }
    return size
  }

  mutating func line() throws -> String {
    let start = place
    while try byte() != UInt8(ascii: "\n") {
      guard place - start < 4096 else { throw damaged() }
    }
    return string(start..<(place - 1))
  }

  func string(_ place: Range<Int>) -> String { String(decoding: file.bytes[place], as: UTF8.self) }

  // MARK: the stack

  func damaged() -> DatasetError { refuse("it is a damaged pickle, at byte \(place)") }

  mutating func pop() throws -> PickleValue {
    guard let value = stack.popLast() else { throw damaged() }
    if case .mark = value { throw damaged() }
    return value
  }

  /// What is above the last mark, which goes too.
  mutating func popToMark() throws -> [PickleValue] {
    guard let mark = stack.lastIndex(where: { if case .mark = $0 { true } else { false } }) else {
      throw damaged()
    }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[(mark + 1)...])
  }

  mutating func pushList(_ elements: [PickleValue]) {
    stack.append(.list(lists.count))
    lists.append(elements)
  }
}
