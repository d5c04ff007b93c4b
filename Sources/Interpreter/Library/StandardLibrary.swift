/// The part of the library that needs no tensor: numbers, strings, arrays, dictionaries, ranges, printing, files.
///
/// Hosts add overloads for their own types by registering a name again (`sin` of a tensor): the numeric signatures take
/// Ints and Doubles only, never host objects, so that a tensor reaches the overload made for it.
public enum StandardLibrary {
  public static func register(in builder: RegistryBuilder) {
    builder.topic(.numbers) {
      registerMathematics(in: builder)
      registerNumbers(in: builder)
    }
    builder.topic(.collections) {
      registerStrings(in: builder)
      registerArrays(in: builder)
      registerDictionaries(in: builder)
      registerRanges(in: builder)
      registerSequences(in: builder)
      registerArgumentKinds(in: builder)
    }
    builder.topic(.session) {
      registerPrinting(in: builder)
      registerMeasuring(in: builder)
      registerFiles(in: builder)
      registerHelp(in: builder)
    }
    registerHabits(in: builder)
  }

  /// Types that only say what a parameter takes.
  private static func registerArgumentKinds(in builder: RegistryBuilder) {
    builder.type("Number", "An Int or a Double.") { type in
      type.conversion { value, _ in value.numericValue == nil ? nil : value }
    }
    builder.type("Comparable", "A number, a string, or a tuple or array of them.") { type in
      type.conversion { value, _ in
        switch value {
        case .int, .double, .string, .bool, .tuple, .array: value
        default: nil
        }
      }
    }
    builder.type("Sequence", "Anything that can be looped over: an array, a range, a string, an iterator.") {
      type in
      type.conversion { value, _ in
        switch value {
        case .array, .range, .dictionary, .string, .object, .instance: value
        default: nil
        }
      }
    }
  }

  static let number = TypeReference.named("Number")
  static let comparable = TypeReference.named("Comparable")
  static let sequence = TypeReference.named("Sequence")
}
