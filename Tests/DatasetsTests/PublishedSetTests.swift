import ArrayCore
import Autograd
import Datasets
import Foundation
import TestSupport
import Testing

@Suite("Published data sets in their official form")
struct PublishedSetTests {
  @Test("CIFAR-FS has 64, 16 and 20 classes, FC100 60, 20 and 20 with superclasses of their own")
  func cifar() throws {
    try withTemporaryFolder { folder in
      try DatasetFiles.writeCIFAR100(in: folder)
      let set = CIFAR100(root: folder)
      for (benchmark, counts) in [(CIFAR100.Benchmark.cifarFS, [64, 16, 20]), (.fc100, [60, 20, 20])] {
        var classes: [String] = []
        var coarse: [[Int]] = []
        for (split, count) in zip(ClassSplit.allCases, counts) {
          let found = try set.images(benchmark, split, size: 1).loaded()
          #expect(found.classes.count == count && found.inputs.shape == [600 * count, 3, 1, 1])
          classes += found.classes
          // The made-up pixels tell the class and the superclass.
          let pixels = try (found.inputs * 255).toDoubles().map { Int($0.rounded()) }
          let labels = try found.labels.toInts()
          for (row, label) in labels.enumerated() {
            #expect(CIFAR100.fineNames[pixels[3 * row]] == found.classes[label])
          }
          coarse.append(Array(Set(stride(from: 1, to: pixels.count, by: 3).map { pixels[$0] })))
        }
        #expect(Set(classes) == Set(CIFAR100.fineNames) && classes.count == 100)
        if benchmark == .fc100 {
          #expect(coarse.map(\.count) == [12, 4, 4] && Set(coarse.joined()).count == 20)
        }
      }
      #expect(try set.images(.cifarFS, .test, size: 1).loaded().classes.contains("whale"))
      let whole = try set.images(.fc100, .val).loaded().inputs
      #expect(whole.shape == [12000, 3, 32, 32])
      #expect(try isClose(whole.at(0).at(2).at(31), [Double](repeating: 200.0 / 255, count: 32), 1e-6))
    }
  }

  @Test("letters and plants are split as in torchmeta, and normalised by the training classes")
  func features() throws {
    try withTemporaryFolder { folder in
      try DatasetFiles.writeLetter(in: folder)
      let letters = try ClassSplit.allCases.map { try Letter(root: folder).load($0) }
      #expect(letters.map(\.classes.count) == [15, 5, 6])
      #expect(
        Set(letters.flatMap(\.classes)).count == 26 && letters[2].classes == ["G", "H", "K", "O", "T", "U"])
      #expect(letters.reduce(0) { $0 + $1.inputs.shape[0] } == 20_000)
      for (row, label) in try letters[1].labels.toInts().prefix(50).enumerated() {
        let letter = try #require(letters[1].classes[label].utf8.first)
        #expect(try abs(letters[1].inputs.at(row).mean().item() - Double(letter - 65)) < 0.5)
      }
      let normal = try Letter(root: folder).load(.train, normalize: true).inputs
      #expect(try abs(normal.mean([0]).toDoubles()[3]) < 1e-4)
      #expect(try abs((normal * normal).mean([0]).toDoubles()[3] - 1) < 1e-3)

      try DatasetFiles.writePlants(in: folder)
      for (feature, rows) in [(Plants.Feature.texture, 1599), (.margin, 1600), (.shape, 1600)] {
        let parts = try ClassSplit.allCases.map { try Plants(root: folder, feature: feature).load($0) }
        #expect(parts.map(\.classes.count) == [70, 15, 15])
        #expect(Set(parts.flatMap(\.classes)).count == 100)
        #expect(parts.reduce(0) { $0 + $1.inputs.shape[0] } == rows && parts[0].inputs.shape[1] == 64)
        #expect(parts[2].classes.prefix(2) == ["Species 003", "Species 021"])
        #expect(try abs(parts[2].inputs.at(0).at(0).item() - 0.003) < 1e-6)
      }
    }
  }

  @Test("numbers of several digits are classes, from the folders of the three splits")
  func digits() throws {
    try withTemporaryFolder { folder in
      try DatasetFiles.writeDoubleMNIST(in: folder + "/double_mnist_seed_123_image_size_64_64")
      let parts = try ClassSplit.allCases.map {
        try MultiDigitMNIST(root: folder, digits: .two).images($0, size: 2).loaded()
      }
      #expect(parts.map(\.classes.count) == [64, 16, 20] && Set(parts.flatMap(\.classes)).count == 100)
      #expect(parts[2].inputs.shape == [40, 1, 2, 2] && parts[2].classes[1] == "05")
      #expect(try isClose(parts[2].inputs.at(3), [Double](repeating: 5.0 / 255, count: 4), 1e-6))
      let error = #expect(throws: DatasetError.self) {
        try MultiDigitMNIST(root: folder + "/double_mnist_seed_123_image_size_64_64", digits: .three).images(
          .val, size: 2)
      }
      #expect(error?.description.contains("160 numbers of 3 digits are expected in val/") ?? false)
    }
  }

  @Test("MNIST's files may be unpacked")
  func mnist() throws {
    try withTemporaryFolder { folder in
      try DatasetFiles.writeMNIST(in: folder)
      let found = try MNIST(root: folder).load(train: true)
      #expect(found.images.shape == [40, 1, 28, 28])
      #expect(try isClose(found.images.at(13).at(0).at(0), [Double](repeating: 60.0 / 255, count: 28), 1e-6))
      let error = #expect(throws: DatasetError.self) { try MNIST(root: folder).load(train: false) }
      #expect(error?.description.contains("t10k-images-idx3-ubyte.gz") ?? false)
    }
  }
}
