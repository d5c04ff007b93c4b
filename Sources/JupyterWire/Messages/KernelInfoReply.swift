public import JSONCoding

/// What the kernel and its language are.
public struct LanguageInfo: Hashable, Sendable {
  /// A link for the front end's help menu.
  public struct HelpLink: Hashable, Sendable {
    public var text: String
    public var url: String

    public init(text: String, url: String) {
      self.text = text
      self.url = url
    }
  }

  public var implementation: String
  public var implementationVersion: String
  public var name: String
  public var version: String
  /// With its dot.
  public var fileExtension: String
  public var mimeType: String
  public var pygmentsLexer: String?
  public var codemirrorMode: String?
  public var nbconvertExporter: String?
  public var banner: String
  public var helpLinks: [HelpLink]

  public init(
    implementation: String, implementationVersion: String, name: String, version: String,
    fileExtension: String, mimeType: String, pygmentsLexer: String? = nil, codemirrorMode: String? = nil,
    nbconvertExporter: String? = nil, banner: String, helpLinks: [HelpLink] = []
  ) {
    self.implementation = implementation
    self.implementationVersion = implementationVersion
    self.name = name
    self.version = version
    self.fileExtension = fileExtension
    self.mimeType = mimeType
    self.pygmentsLexer = pygmentsLexer
    self.codemirrorMode = codemirrorMode
    self.nbconvertExporter = nbconvertExporter
    self.banner = banner
    self.helpLinks = helpLinks
  }
}

/// The answer to `kernel_info_request`.
public struct KernelInfoReply: SentContent {
  public static let type = "kernel_info_reply"
  public static let requestType = "kernel_info_request"
  public var info: LanguageInfo
  /// Whether the kernel serves `debug_request`.
  public var hasDebugger: Bool

  public init(info: LanguageInfo, hasDebugger: Bool) {
    self.info = info
    self.hasDebugger = hasDebugger
  }

  public var content: JSONValue {
    var features: [JSONValue] = ["kernel subshells"]
    if hasDebugger { features.append("debugger") }
    var language: JSONValue = [
      "name": .string(info.name), "version": .string(info.version), "mimetype": .string(info.mimeType),
      "file_extension": .string(info.fileExtension),
    ]
    for (key, value) in [
      ("pygments_lexer", info.pygmentsLexer), ("codemirror_mode", info.codemirrorMode),
      ("nbconvert_exporter", info.nbconvertExporter),
    ] {
      language[key] = value.map { .string($0) }
    }
    return [
      "status": "ok",
      "protocol_version": .string(JupyterProtocol.version),
      "implementation": .string(info.implementation),
      "implementation_version": .string(info.implementationVersion),
      "language_info": language,
      "banner": .string(info.banner),
      "help_links": .array(info.helpLinks.map { ["text": .string($0.text), "url": .string($0.url)] }),
      "debugger": .bool(hasDebugger),
      "supported_features": .array(features),
    ]
  }
}
