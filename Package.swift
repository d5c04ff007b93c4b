// swift-tools-version: 6.2

import PackageDescription

/// A library target compiled with every warning an error.
func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: [.treatAllWarnings(as: .error)])
}

/// The tests of one layer, with the shared test support.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"],
    swiftSettings: [.treatAllWarnings(as: .error)])
}

let swiftSyntax: [Target.Dependency] = [
  .product(name: "SwiftSyntax", package: "swift-syntax"),
  .product(name: "SwiftParser", package: "swift-syntax"),
  .product(name: "SwiftParserDiagnostics", package: "swift-syntax"),
  .product(name: "SwiftOperators", package: "swift-syntax"),
  .product(name: "SwiftDiagnostics", package: "swift-syntax"),
  .product(name: "SwiftIDEUtils", package: "swift-syntax"),
]
let collections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

// A target imports only targets of lower layers; Tests/PackageTests reads this file and enforces it.
let package = Package(
  name: "innerloop",
  products: [
    .library(name: "ArrayCore", targets: ["ArrayCore"]),
    .library(name: "Autograd", targets: ["Autograd"]),
    .library(name: "NN", targets: ["NN"]),
    .library(name: "MetaLearning", targets: ["MetaLearning"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .executable(name: "innerloop", targets: ["innerloop"]),
    // Opened by the program where it is one of several processes, and by nothing else.
    .library(name: "CMPI", type: .dynamic, targets: ["CMPI"]),
  ],
  traits: [
    .trait(name: "MPI", description: "Build CMPI with MPI (libopenmpi-dev), for runs of several processes.")
  ],
  dependencies: [
    .package(url: "https://github.com/swiftlang/swift-syntax", exact: "603.0.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // layer 0: C, and the JSON value that two layers share
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "COpenBLAS"),
    .systemLibrary(name: "CZeroMQ"),
    .systemLibrary(name: "CSodium"),
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CZip"),
    .systemLibrary(name: "CPNG"),
    .systemLibrary(name: "CTurboJPEG"),
    .target(name: "CLibEdit", linkerSettings: [.linkedLibrary("edit")]),
    .target(name: "CKernels"),
    .target(
      name: "CMPI", cSettings: [.define("INNERLOOP_MPI", .when(traits: ["MPI"]))],
      linkerSettings: [
        .linkedLibrary("mpi", .when(traits: ["MPI"])),
        // Without a Swift runtime of its own beside that of the program.
        .unsafeFlags(["-static-stdlib"]),
      ]),
    library("JSONCoding", [collections]),
    // layer 1
    library("ArrayCore", ["COpenBLAS", "CKernels"]),
    library("Diagnostics", []),
    library("Display", ["JSONCoding", collections]),
    library("JupyterWire", ["JSONCoding", "CSodium"]),
    // layer 2
    library("Autograd", ["ArrayCore"]),
    library("Interpreter", ["JSONCoding", "Diagnostics", "Display", collections] + swiftSyntax),
    // layer 3
    library("NN", ["ArrayCore", "Autograd", collections]),
    // layer 4
    library("MetaLearning", ["ArrayCore", "Autograd", "NN", collections]),
    library("Datasets", ["ArrayCore", "Autograd", "NN", "CZlib", "CZip", "CPNG", "CTurboJPEG"]),
    // layer 5
    library("MPIRanks", ["MetaLearning"]),
    library(
      "Prelude",
      [
        "JSONCoding", "ArrayCore", "Autograd", "NN", "MetaLearning", "Datasets", "Display", "Diagnostics",
        "Interpreter", collections,
      ]),
    library("Session", ["Diagnostics", "Display", "Interpreter", "CSQLite"]),
    // layer 6
    library("JupyterKernel", ["JSONCoding", "JupyterWire", "Display", "CLinux", "CZeroMQ", logging]),
    library("REPL", ["Display", "CLibEdit"]),
    // layer 7
    .executableTarget(
      name: "innerloop",
      dependencies: [
        "JSONCoding", "ArrayCore", "Autograd", "NN", "MetaLearning", "Diagnostics", "Display", "Interpreter",
        "Prelude", "MPIRanks", "Session", "JupyterWire", "JupyterKernel", "REPL",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error)],
      // A fixed place for the program and the Swift runtime inside it: nothing to look up and to move when it starts, so
      // that a kernel listens before a front end first tries to connect. The flags stay with this program; no library
      // that another package could want has any.
      linkerSettings: [
        .unsafeFlags(["-static-stdlib", "-use-ld=lld", "-Xclang-linker", "-no-pie"]),
        .linkedLibrary("CoreFoundation"), .linkedLibrary("_FoundationCShims"),
        .linkedLibrary("_FoundationCollections"), .linkedLibrary("_FoundationICU"),
      ]),
    // tests
    .target(
      name: "TestSupport", dependencies: ["ArrayCore", "Autograd", "NN", collections],
      path: "Tests/TestSupport",
      swiftSettings: [.treatAllWarnings(as: .error)]),
    tests("PackageTests", []),
    tests("ArrayCoreTests", ["ArrayCore"]),
    tests("AutogradTests", ["ArrayCore", "Autograd"]),
    tests("NNTests", ["ArrayCore", "Autograd", "NN"]),
    tests("MetaLearningTests", ["ArrayCore", "Autograd", "NN", "MetaLearning"]),
    tests("DatasetsTests", ["ArrayCore", "Autograd", "NN", "Datasets"]),
    tests("DiagnosticsTests", ["Diagnostics"]),
    tests("DisplayTests", ["JSONCoding", "Display"]),
    tests("InterpreterTests", ["Interpreter", "Diagnostics", "Display"]),
    tests(
      "SessionTests",
      ["ArrayCore", "Session", "Prelude", "Interpreter", "Diagnostics", "Display"]),
    tests("REPLTests", ["REPL", "Display"]),
    tests("JupyterKernelTests", ["JSONCoding", "JupyterKernel", "JupyterWire", "Display", "CZeroMQ"]),
  ],
  swiftLanguageModes: [.v6]
)
