import Autograd
import Datasets
import Display
import Interpreter
import MetaLearning
import NN
import OrderedCollections

extension Domains: HostObject {
  public var typeName: String { "Domains" }
  public func wasGiven(at site: CallSite, _ evaluation: Evaluation) {
    Origins.of(evaluation).note(self, site)
  }
  public var summary: String { "\(count) domains: \(names.joined(separator: ", "))" }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: "Domains(\(names.joined(separator: ", ")))") }
  public func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    guard case .string(let name)? = arguments.values.first else { return nil }
    guard names.contains(name) else { throw LearningError.unknownDomain(name: name, known: names) }
    return try self[name].hosted
  }
  public var subscriptKeys: [String] { names }
}

extension Arguments {
  fileprivate func labelledImages() throws -> LabelledImages {
    LabelledImages(images: try tensor("images").detach(), labels: try labels("labels"))
  }

  fileprivate func domains(of parts: [(name: String, samples: LabelledImages)], seed: UInt64) throws -> Value
  {
    var domains: OrderedDictionary<String, Samples> = [:]
    for (name, samples) in parts { domains[name] = try Samples(samples.images, samples.labels) }
    return .object(try Domains(domains, batchSize: try optionalInt("batchSize"), seed: seed))
  }
}

extension InnerloopLanguage {
  /// `Domains` and what makes them.
  static func registerDomains(in builder: RegistryBuilder) {
    registerDomainsType(in: builder)
    registerGlyphDomains(in: builder)
    registerImageDomains(in: builder)
    registerDomainFolder(in: builder)
  }

  private static func registerDomainsType(in builder: RegistryBuilder) {
    builder.type("Domains", "Samples of the same classes from several sources.") { type in
      type.initializer(
        [
          .positional(
            "domains", .oneOf([.dictionary(.any), .array(.any)]), "(inputs, targets) by name, or in order"),
          .labelled("batchSize", .int, default: nil, "samples of each domain at a step; nil means all"),
          .taskSeed,
        ],
        Documentation(
          "Makes domains of tensors.", example: "Domains([\"0\": (x, y), \"15\": (x2, y2)], batchSize: 64)")
      ) { arguments, _ in
        var domains: OrderedDictionary<String, Samples> = [:]
        let pairs: [(String, Value)] =
          try arguments["domains"].arrayValue?.enumerated().map { ("\($0.offset)", $0.element) }
          ?? arguments.dictionary("domains").map { ($0.key.value.description, $0.value) }
        for (name, value) in pairs {
          guard
            let samples = try value.object(as: Box<Samples>.self)?.value ?? Samples.pair(value)?()
          else {
            throw arguments.problem(
              "domains", id: "type-mismatch", "`Domains` takes pairs `(inputs, targets)` by name")
          }
          domains[name] = samples
        }
        return .object(
          try Domains(
            domains, batchSize: try arguments.optionalInt("batchSize"),
            seed: UInt64(bitPattern: Int64(try arguments.int("seed")))))
      }
      type.property("names", .array(.string), "The domains' names.") { (domains: Domains, _) in
        .strings(domains.names)
      }
      type.property("count", .int, "How many domains there are.") { (domains: Domains, _) in
        .int(domains.count)
      }
      type.method(
        "leavingOut", [.variadic("names", .string, "the domains to leave out")],
        returns: .tuple([.named("Domains"), .named("Domains")]),
        Documentation(
          "The other domains and the named ones, as (source:, target:).",
          example: "domains.leavingOut(\"15\")")
      ) { arguments, _ in
        let parts = try arguments.receiver(as: Domains.self).leavingOut(
          try arguments.array("names").compactMap(\.stringValue))
        return .tuple(
          TupleValue([.object(parts.source), .object(parts.target)], labels: ["source", "target"]))
      }
      type.method(
        "split", [.positional("fraction", .double, "of each domain's samples for the first part")],
        returns: .tuple([.named("Domains"), .named("Domains")]),
        Documentation(
          "A part of each domain's samples, chosen at random, and the rest, as (first:, rest:).",
          example: "let (training, validation) = domains.split(0.8)", paper: "DomainBed")
      ) { arguments, _ in
        let parts = try arguments.receiver(as: Domains.self).split(try arguments.double("fraction"))
        return .tuple(TupleValue([.object(parts.first), .object(parts.rest)], labels: ["first", "rest"]))
      }
    }
  }

  private static func registerGlyphDomains(in builder: RegistryBuilder) {
    builder.function(
      "RotatedGlyphs",
      [
        .labelled("classes", .int, default: 10, "how many glyphs there are"),
        .labelled("angles", .array(.double), default: [0, 15, 30, 45, 60, 75], "in degrees, a domain each"),
        .labelled("perClass", .int, default: 20, "drawings of each glyph in each domain"),
        .labelled("batchSize", .int, default: nil, "samples of each domain at a step; nil means all"),
        .taskSeed,
      ], returns: .named("Domains"),
      Documentation(
        "The same glyphs turned by an angle for each domain, for domain generalisation.",
        shapes: "images [n, 1, 28, 28], labels [n]", example: "RotatedGlyphs(angles: [0, 30, 60])",
        paper: "after RotatedMNIST, Ghifary et al. 2015")
    ) { arguments, _ in
      let seed = UInt64(bitPattern: Int64(try arguments.int("seed")))
      let glyphs = try RotatedGlyphs(
        classCount: try arguments.int("classes"), angles: try arguments.doubles("angles"),
        perClass: try arguments.int("perClass"), seed: seed)
      return try arguments.domains(of: glyphs.domains(), seed: seed)
    }
  }

  private static func registerImageDomains(in builder: RegistryBuilder) {
    let images = Interpreter.Parameter.positional("images", .tensor, "[n, channels, height, width]")
    let labels = Interpreter.Parameter.positional("labels", .tensor, "int64 [n]")
    let batchSize = Interpreter.Parameter.labelled(
      "batchSize", .int, default: nil, "samples of each domain at a step; nil means all")
    builder.function(
      "RotatedDomains",
      [
        images, labels,
        .labelled("angles", .array(.double), default: [0, 15, 30, 45, 60, 75], "in degrees, a domain each"),
        batchSize, .taskSeed,
      ], returns: .named("Domains"),
      Documentation(
        "Images dealt out to domains, each turned by an angle of its own.",
        shapes: "images [n, …] → a part of them for each angle",
        example: "RotatedDomains(loadIDX(\"images.gz\").unsqueeze(1), loadIDX(\"labels.gz\"), batchSize: 64)",
        paper: "Ghifary et al. 2015; DomainBed RotatedMNIST")
    ) { arguments, _ in
      let seed = UInt64(bitPattern: Int64(try arguments.int("seed")))
      let rotated = try RotatedDomains(
        try arguments.labelledImages(), angles: try arguments.doubles("angles"), seed: seed)
      return try arguments.domains(of: rotated.domains(), seed: seed)
    }
    builder.function(
      "ColoredDomains",
      [
        images, labels,
        .labelled(
          "probabilities", .array(.double), default: [0.1, 0.2, 0.9],
          "how often the colour misleads, a domain each"),
        .labelled("labelNoise", .double, default: 0.25, "how often the label is wrong"), batchSize, .taskSeed,
      ], returns: .named("Domains"),
      Documentation(
        "Grey images dealt out to domains in which a colour tells more or less of a label of two classes.",
        shapes: "images [n, 1, height, width] → [n / domains, 2, height, width]",
        example: "ColoredDomains(loadIDX(\"images.gz\").unsqueeze(1), loadIDX(\"labels.gz\"), batchSize: 64)",
        paper: "Arjovsky et al. 2019; DomainBed ColoredMNIST")
    ) { arguments, _ in
      let seed = UInt64(bitPattern: Int64(try arguments.int("seed")))
      let colored = try ColoredDomains(
        try arguments.labelledImages(), probabilities: try arguments.doubles("probabilities"),
        labelNoise: try arguments.double("labelNoise"), seed: seed)
      return try arguments.domains(of: colored.domains(), seed: seed)
    }
  }

  private static func registerDomainFolder(in builder: RegistryBuilder) {
    builder.function(
      "DomainFolder",
      [
        .positional("root", .string, "a folder of domains, each with the same class folders of images"),
        .labelled("imageSize", .int, default: 84, "pixels a side"),
        .labelled("channels", .int, default: 3, "3 for red, green and blue, 1 for grey"),
        .labelled("batchSize", .int, default: nil, "samples of each domain at a step; nil means all"),
        .taskSeed,
      ], returns: .named("Domains"),
      Documentation(
        "Domains of image files in DomainBed's layout: PACS, VLCS, OfficeHome and one's own.",
        shapes: "images [n, channels, imageSize, imageSize], 0 to 1; labels [n]",
        example: "DomainFolder(\"data/PACS\", imageSize: 84, batchSize: 32).leavingOut(\"sketch\")",
        paper: "Gulrajani and Lopez-Paz 2021",
        discussion: "A label is the place of the class's name in alphabetical order.")
    ) { arguments, _ in
      let (size, channels) = (try arguments.int("imageSize"), try arguments.int("channels"))
      let domains = try arguments.loading {
        try DomainFolder(root: try arguments.string("root")).domains(size: size, channels: channels)
      }
      return try arguments.domains(
        of: domains, seed: UInt64(bitPattern: Int64(try arguments.int("seed"))))
    }
  }
}
