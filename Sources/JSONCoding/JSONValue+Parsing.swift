extension JSONValue {
  /// How deep arrays and objects may be nested in a parsed text unless the caller says otherwise.
  public static let defaultDepthLimit = 512

  /// The value a JSON text denotes (RFC 8259).
  ///
  /// A number without fraction and exponent that fits is an `int`, any other a `double`. Of equal keys in an object
  /// the last counts. Half a surrogate pair in an escape becomes U+FFFD.
  ///
  /// - Throws: ``JSONParsingError`` with the place, for anything that is not one JSON value in UTF-8, or is nested
  ///   more than `depthLimit` deep.
  public init(parsing bytes: [UInt8], depthLimit: Int = JSONValue.defaultDepthLimit) throws(JSONParsingError)
  {
    // `Result` carries the typed error through the closure, whose own throws would be untyped.
    let result = bytes.withUnsafeBufferPointer { JSONValue.parse($0, depthLimit) }
    self = try result.get()
  }

  /// The value a JSON text denotes, as ``init(parsing:depthLimit:)-([UInt8],_)``.
  public init(parsing text: String, depthLimit: Int = JSONValue.defaultDepthLimit) throws(JSONParsingError) {
    var text = text
    let result = text.withUTF8 { JSONValue.parse($0, depthLimit) }
    self = try result.get()
  }

  /// The value a JSON text in memory denotes; reads only during the call.
  public init(parsing bytes: UnsafeRawBufferPointer, depthLimit: Int = JSONValue.defaultDepthLimit)
    throws(JSONParsingError)
  {
    let result = bytes.withMemoryRebound(to: UInt8.self) { JSONValue.parse($0, depthLimit) }
    self = try result.get()
  }

  private static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ depthLimit: Int
  ) -> Result<JSONValue, JSONParsingError> {
    var parser = JSONParser(bytes: bytes, depthLimit: depthLimit)
    do throws(JSONParsingError) { return .success(try parser.document()) } catch { return .failure(error) }
  }
}
