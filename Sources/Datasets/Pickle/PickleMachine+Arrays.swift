/// numpy's arrays and numbers.
extension PickleMachine {
  mutating func call(
    _ function: PickleValue.Function, _ arguments: [PickleValue]
  ) throws -> PickleValue {
    switch (function, arguments.count) {
    case (.reconstruct, _): return push(array: .init())
    case (.bytes, 0): return .bytes(.init(place: 0..<0))
    case (.orderedDictionary, 0):
      dictionaries.append([])
      return .dictionary(dictionaries.count - 1)
    case (.encode, 2):
      guard case .text(let place) = arguments[0] else { throw damaged() }
      return .bytes(.init(place: place, isText: true))
    case (.dtype, 1...):
      guard let code = text(of: arguments[0]) else { throw damaged() }
      guard let type = PickleValue.NumberType(code) else {
        throw refuse("it has an array of type \(code); \(Self.accepted)")
      }
      types.append(type)
      return .type(types.count - 1)
    case (.scalar, 2):
      guard case .type(let type) = arguments[0], case .bytes(let bytes) = arguments[1],
        let number = types[type].number(try plain(bytes, types[type].size))
      else { throw damaged() }
      return .int(number)
    case (.fromBuffer, 4):
      guard case .bytes(let bytes) = arguments[0], case .type(let type) = arguments[1] else {
        throw damaged()
      }
      return push(
        array: .init(
          shape: try shape(arguments[2]), type: type, bytes: bytes,
          isColumnMajor: text(of: arguments[3]) == "F"))
    default: throw damaged()
    }
  }

  private mutating func push(array: PickleValue.NumberArray) -> PickleValue {
    arrays.append(array)
    return .array(arrays.count - 1)
  }

  /// The state of an array or of a type.
  mutating func build() throws {
    guard case .list(let place) = try pop() else { throw damaged() }
    let state = lists[place]
    switch stack.last {
    case .array(let array):
      guard state.count == 5, case .type(let type) = state[2], case .bool(let isColumnMajor) = state[3],
        case .bytes(let bytes) = state[4]
      else { throw refuse("it has an array that holds objects; \(Self.accepted)") }
      arrays[array] = .init(
        shape: try shape(state[1]), type: type, bytes: bytes, isColumnMajor: isColumnMajor)
    case .type(let type):
      guard state.count > 1, let order = text(of: state[1]) else { throw damaged() }
      types[type].isBigEndian = order == ">"
    default: throw damaged()
    }
  }

  private func shape(_ value: PickleValue) throws -> [Int] {
    guard case .list(let place) = value else { throw damaged() }
    return try lists[place].map {
      guard case .int(let size) = $0, size >= 0 else { throw damaged() }
      return size
    }
  }

  private func text(of value: PickleValue) -> String? {
    switch value {
    case .text(let place): string(place)
    case .bytes(let bytes): string(bytes.place)
    default: nil
    }
  }

  /// So many bytes, which may be written as text.
  private func plain(_ bytes: PickleValue.ByteRange, _ count: Int) throws -> [UInt8] {
    let raw =
      bytes.isText
      ? string(bytes.place).unicodeScalars.map { $0.value } : file.bytes[bytes.place].map(UInt32.init)
    let found = raw.compactMap { UInt8(exactly: $0) }
    guard found.count == count, raw.count == count else { throw damaged() }
    return found
  }
}
