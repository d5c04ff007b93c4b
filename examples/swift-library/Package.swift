// swift-tools-version: 6.2

import PackageDescription

// A program that uses Innerloop's libraries without the kernel and the language. In a package of your own, write the
// address and version of the repository in place of the path.
let package = Package(
  name: "swift-library",
  dependencies: [.package(name: "innerloop", path: "../..")],
  targets: [
    .executableTarget(
      name: "SinusoidMAML",
      dependencies: [
        .product(name: "ArrayCore", package: "innerloop"),
        .product(name: "Autograd", package: "innerloop"),
        .product(name: "NN", package: "innerloop"),
        .product(name: "MetaLearning", package: "innerloop"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
