import Testing

/// The rule of the architecture: a target knows only what lies below it.
@Suite("layers")
struct LayerTests {
  let manifest: PackageManifest
  let sources: [Source]

  struct Source: Sendable {
    let path: String
    let target: String
    let imports: [(module: String, line: Int)]
    let types: [(name: String, line: Int)]
  }

  /// Read once for all tests.
  private static let allSources = Result {
    try RepositoryFiles.paths(in: "Sources", extensions: ["swift"]).map { path in
      let code = SwiftCode(try RepositoryFiles.text(path))
      let target = String(path.split(separator: "/")[1])
      return Source(path: path, target: target, imports: code.imports, types: code.declaredTypes)
    }
  }

  /// Modules that come with Swift.
  static let toolchain: Set<String> = [
    "Swift", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Dispatch", "Synchronization",
  ]

  init() throws {
    manifest = try PackageManifest(RepositoryFiles.text("Package.swift"))
    sources = try Self.allSources.get()
  }

  @Test("the manifest is understood: every folder of Sources is a target with a layer")
  func everyFolderHasALayer() throws {
    let folders = Set(
      RepositoryFiles.paths(in: "Sources", extensions: ["swift", "c", "h", "modulemap"])
        .map { String($0.split(separator: "/")[1]) })
    #expect(Set(manifest.targets.map(\.name)) == folders)
    #expect(manifest.targets.count == folders.count, "a target is named twice")
    let interpreter = try #require(manifest.targets.first { $0.name == "Interpreter" })
    #expect(interpreter.layer == 2)
    #expect(interpreter.targets.isSuperset(of: ["Diagnostics", "Display"]))
    #expect(interpreter.products.isSuperset(of: ["SwiftSyntax", "SwiftParser", "OrderedCollections"]))
  }

  @Test("the layers are those of the design")
  func layersAreThoseOfTheDesign() {
    let design: [[String]] = [
      [
        "CKernels", "CLibEdit", "CLinux", "CMPI", "COpenBLAS", "CPNG", "CSQLite", "CSodium", "CTurboJPEG",
        "CZeroMQ",
        "CZip", "CZlib", "JSONCoding",
      ],
      ["ArrayCore", "Diagnostics", "Display", "JupyterWire"],
      ["Autograd", "Interpreter"],
      ["NN"],
      ["Datasets", "MetaLearning"],
      ["MPIRanks", "Prelude", "Session"],
      ["JupyterKernel", "REPL"],
      ["innerloop"],
    ]
    let actual = design.indices.map { layer in
      manifest.targets.filter { $0.layer == layer }.map(\.name).sorted()
    }
    #expect(actual == design)
  }

  @Test("a target depends only on targets of lower layers")
  func dependenciesPointDown() {
    let layers = Dictionary(manifest.targets.map { ($0.name, $0.layer) }, uniquingKeysWith: { $1 })
    for target in manifest.targets {
      for dependency in target.targets {
        #expect(
          (layers[dependency] ?? .max) < target.layer,
          "\(target.name) (layer \(target.layer)) depends on \(dependency)")
      }
    }
  }

  @Test("a file imports only what its target declares")
  func importsAreDeclared() {
    let declared = Dictionary(
      manifest.targets.map { ($0.name, $0.targets.union($0.products)) }, uniquingKeysWith: { $1 })
    for source in sources {
      for (module, line) in source.imports where !Self.toolchain.contains(module) {
        #expect(
          declared[source.target, default: []].contains(module),
          "\(source.path):\(line): \(module) is not declared by \(source.target) in Package.swift")
      }
    }
  }

  @Test("a declared dependency is imported")
  func declaredDependenciesAreImported() {
    for target in manifest.targets {
      let files = sources.filter { $0.target == target.name }
      guard !files.isEmpty else { continue }  // C targets
      let imported = Set(files.flatMap { $0.imports.map(\.module) })
      #expect(
        target.targets.union(target.products).subtracting(imported).sorted() == [],
        "\(target.name) declares dependencies that no file of it imports")
    }
  }

  @Test("no module has the name of a type, which would hide it")
  func modulesAndTypesDifferInName() {
    let modules = Set(manifest.targets.flatMap { [$0.name] + $0.products })
    for source in sources {
      for (name, line) in source.types {
        #expect(!modules.contains(name), "\(source.path):\(line): the type \(name) has a module's name")
      }
    }
  }
}
