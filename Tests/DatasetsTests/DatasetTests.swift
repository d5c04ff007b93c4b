import ArrayCore
import Autograd
import Datasets
import Foundation
import TestSupport
import Testing

private func withFolder<R>(_ body: (URL) throws -> R) throws -> R {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("datasets-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url)
}

private func idx(_ type: UInt8, _ sizes: [UInt32], _ data: [UInt8]) -> Data {
  var bytes = Data([0, 0, type, UInt8(sizes.count)])
  for size in sizes { withUnsafeBytes(of: size.bigEndian) { bytes.append(contentsOf: $0) } }
  return bytes + data
}

@Suite("IDX files")
struct IDXTests {
  @Test("numbers are big-endian and keep their sign")
  func types() throws {
    try withFolder { folder throws in
      func read(_ type: UInt8, _ sizes: [UInt32], _ data: [UInt8], _ dtype: DType) throws -> [Double] {
        let url = folder.appendingPathComponent("x")
        try idx(type, sizes, data).write(to: url)
        return try IDXFile.read(url.path, as: dtype).toDoubles()
      }
      #expect(try read(0x08, [3], [0, 1, 255], .float32) == [0, 1, 255])
      #expect(try read(0x09, [2], [1, 255], .int64) == [1, -1])
      #expect(try read(0x0B, [1, 2], [1, 0, 255, 254], .float64) == [256, -2])
      #expect(try read(0x0C, [1], [255, 255, 255, 255], .int64) == [-1])
      #expect(try read(0x0D, [1], [0x3F, 0xC0, 0, 0], .float32) == [1.5])
      #expect(try read(0x08, [0, 4], [], .float32) == [])
    }
  }

  @Test(
    "files that lie are refused with their name and what was expected",
    arguments: [
      (Data([0, 0, 8]), "an IDX header"), (Data([1, 2, 3, 4]), "no IDX file"),
      (idx(0x0A, [1], [1]), "no IDX file"),
      (idx(0x08, [4], [1, 2, 3]), "ends too early: expected [4] numbers"),
      (idx(0x08, [2], [1, 2, 3]), "goes on after [2] numbers"),
      (idx(0x08, [4_000_000_000, 4_000_000_000, 4_000_000_000], []), "more than the file can hold"),
      (idx(0x08, [1_000_000], [1]), "more than the file can hold"), (Data([0, 0, 8, 0]), "0 axes"),
      (Data([0, 0, 8, 200]), "200 axes"), (Data([0, 0, 8, 2, 0, 0]), "2 sizes"), (Data(), "an IDX header"),
      (Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF]), "x"),
    ])
  func hostile(bytes: Data, words: String) throws {
    try withFolder { folder throws in
      let url = folder.appendingPathComponent("x")
      try bytes.write(to: url)
      let error = #expect(throws: DatasetError.self) { try IDXFile.read(url.path) }
      let text = error?.description ?? ""
      #expect(text.hasPrefix(url.path) && text.contains(words), "\(text)")
    }
  }

  @Test("missing files and folders are refused")
  func missing() throws {
    try withFolder { folder throws in
      #expect(throws: DatasetError.self) { try IDXFile.read(folder.path) }
      let error = #expect(throws: DatasetError.self) { try FashionMNIST(root: folder.path).load(train: true) }
      #expect(error?.description.contains("train-images-idx3-ubyte.gz") ?? false)
    }
  }

  @Test(
    "MNIST's files load, and cut or changed ones are refused",
    .enabled(if: SharedFiles.arePresent, "\(SharedFiles.missing)"))
  func mnist() throws {
    let root = try #require(SharedFiles.url("data/mnist"))
    let test = try FashionMNIST(root: root.path).load(train: false)
    #expect(test.images.shape == [10000, 1, 28, 28] && test.labels.shape == [10000])
    #expect(try Array(test.labels.slice(axis: 0, from: 0, to: 5).toInts()) == [7, 2, 1, 0, 4])
    #expect(try test.images.max([0, 1, 2, 3]).item() == 1)
    let bytes = try Data(contentsOf: root.appendingPathComponent("t10k-labels-idx1-ubyte.gz"))
    try withFolder { folder throws in
      let url = folder.appendingPathComponent("labels.gz")
      for cut in [5, 20, 2000, bytes.count - 6, bytes.count - 1] {
        try bytes.prefix(cut).write(to: url)
        #expect(throws: DatasetError.self, "cut at \(cut)") { try IDXFile.read(url.path, as: .int64) }
      }
      for place in [2, 1000, bytes.count - 6] {
        var changed = bytes
        changed[place] ^= 0xFF
        try changed.write(to: url)
        #expect(throws: DatasetError.self, "changed at \(place)") { try IDXFile.read(url.path, as: .int64) }
      }
      let error = #expect(throws: DatasetError.self) {
        try bytes.write(to: url)
        return try IDXFile.read(url.path, as: .int64, expecting: [nil, 28, 28])
      }
      #expect(error?.description.contains("expected shape [any, 28, 28], found [10000]") ?? false)
    }
  }

  @Test(
    "Debian's Fashion-MNIST loads",
    .enabled(
      if: FileManager.default.fileExists(atPath: FashionMNIST.debianRoot),
      "dataset-fashion-mnist is not installed"))
  func fashion() throws {
    let train = try FashionMNIST().load(train: true)
    #expect(train.images.shape == [60000, 1, 28, 28])
    #expect(Set(try train.labels.toInts()) == Set(0..<10))
  }
}

@Suite("Glyphs")
struct GlyphTests {
  @Test("an image is the same on every access and depends on class, sample and seed")
  func access() throws {
    let glyphs = try Glyphs(classCount: 50, seed: 1)
    let image = try glyphs.image(class: 3, sample: 4)
    #expect(image.count == 784 && image.allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(try glyphs.image(class: 3, sample: 4) == image)
    #expect(try glyphs.image(class: 3, sample: 5) != image)
    #expect(try glyphs.image(class: 4, sample: 4) != image)
    #expect(try Glyphs(classCount: 50, seed: 2).image(class: 3, sample: 4) != image)
    let samples = try glyphs.samples(classes: 3..<5, perClass: 2, firstSample: 4)
    #expect(samples.images.shape == [4, 1, 28, 28])
    #expect(try samples.labels.toInts() == [3, 3, 4, 4])
    #expect(try samples.images.at(0).toDoubles() == image.map(Double.init))
  }

  @Test("every class has ink, and none fills the page")
  func ink() throws {
    let glyphs = try Glyphs(classCount: 60)
    for label in 0..<60 {
      let mean = try glyphs.image(class: label, sample: 0).reduce(0, +) / 784
      #expect(mean > 0.03 && mean < 0.4, "class \(label): \(mean)")
    }
  }

  @Test("the nearest mean image tells classes apart far better than chance")
  func separable() throws {
    let glyphs = try Glyphs(classCount: 20)
    var means: [[Float]] = []
    for label in 0..<20 {
      var sum = [Float](repeating: 0, count: 784)
      for sample in 0..<10 {
        for (i, value) in try glyphs.image(class: label, sample: sample).enumerated() { sum[i] += value / 10 }
      }
      means.append(sum)
    }
    var right = 0
    for label in 0..<20 {
      for sample in 10..<15 {
        let image = try glyphs.image(class: label, sample: sample)
        let distances = means.map { zip($0, image).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        if distances.firstIndex(of: distances.min() ?? 0) == label { right += 1 }
      }
    }
    #expect(right >= 60)
  }

  @Test("rotation turns the drawing counter-clockwise")
  func rotation() throws {
    let glyphs = try Glyphs(classCount: 5)
    for label in 0..<5 {
      let upright = try glyphs.image(class: label, sample: 0)
      let turned = try glyphs.image(class: label, sample: 0, rotation: 90)
      // A quarter turn about the centre, up to the sample's shift of at most 0.12 of the side.
      func centre(_ image: [Float]) -> (x: Float, y: Float) {
        var (x, y, sum): (Float, Float, Float) = (0, 0, 0)
        for (i, value) in image.enumerated() {
          x += value * (Float(i % 28) - 13.5)
          y += value * (Float(i / 28) - 13.5)
          sum += value
        }
        return (x / sum, y / sum)
      }
      let (a, b) = (centre(upright), centre(turned))
      #expect(abs(b.x - a.y) < 4 && abs(b.y + a.x) < 4)
    }
  }

  @Test("rotated domains have the same classes and samples of their own")
  func domains() throws {
    let rotated = try RotatedGlyphs(classCount: 3, angles: [0, 22.5, 90], perClass: 2)
    let domains = try rotated.domains()
    #expect(domains.map(\.name) == ["0", "22.5", "90"])
    for (_, samples) in domains {
      #expect(samples.images.shape == [6, 1, 28, 28])
      #expect(try samples.labels.toInts() == [0, 0, 1, 1, 2, 2])
    }
    #expect(try domains[0].samples.images.at(0).toDoubles() != domains[1].samples.images.at(0).toDoubles())
  }

  @Test("impossible settings are refused")
  func settings() throws {
    #expect(throws: DatasetError.self) { try Glyphs(classCount: 0) }
    #expect(throws: DatasetError.self) { try Glyphs(size: 1 << 40) }
    #expect(throws: DatasetError.self) { try Glyphs().image(class: 60, sample: 0) }
    #expect(throws: DatasetError.self) { try Glyphs().samples(perClass: Int.max) }
    #expect(throws: DatasetError.self) { try RotatedGlyphs(angles: [1, 1]) }
  }
}
