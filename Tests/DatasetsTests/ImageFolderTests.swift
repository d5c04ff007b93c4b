import ArrayCore
import Autograd
import Datasets
import Foundation
import TestSupport
import Testing

@Suite("Folders of images")
struct ImageFolderTests {
  private static let red: [UInt8] = [255, 0, 0]

  @Test("a label is the place of the class, colours are planes, and other files are left alone")
  func classes() throws {
    try withTemporaryFolder { folder in
      try PNGFile.write(
        [
          "b/1.png": PNGFile.square(4, Self.red), "b/2.PNG": PNGFile.square(9, [0, 255, 0]),
          "a/1.jpeg": PNGFile.square(3, [51]), "a/notes.txt": Data("no image".utf8),
          "a/.hidden.png": Data(),
        ], in: folder)
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/list.csv"))
      let set = try ImageFolder(root: folder)
      #expect(try !set.hasParts && set.classes() == ["a", "b"])
      let found = try set.images(size: 2).loaded()
      #expect(found.inputs.shape == [3, 3, 2, 2] && found.classes == ["a", "b"])
      #expect(try found.labels.toInts() == [0, 1, 1])
      let grey = [Double](repeating: 0.2, count: 12)
      #expect(
        try isClose(found.inputs.at(0), grey, 1e-6)
          && isClose(found.inputs.at(1), [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], 1e-6)
          && isClose(found.inputs.at(2), [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0], 1e-6))
      #expect(try set.images(classes: ["b"], size: 2, channels: 1).loaded().inputs.shape == [2, 1, 2, 2])
    }
  }

  @Test(
    "images can be decoded as they are asked for, any of them in any order, and a broken one is named then")
  func store() throws {
    try withTemporaryFolder { folder in
      let files = (0..<6).map { ("\($0 / 3)/\($0).png", PNGFile.square(3 + $0, [UInt8(40 * $0)])) }
      try PNGFile.write(Dictionary(uniqueKeysWithValues: files), in: folder)
      let found = try ImageFolder(root: folder).images(size: 2, channels: 1)
      #expect(found.images.shape == [6, 1, 2, 2] && found.images.byteCount == 96)
      let all = try found.loaded().inputs
      let places = [5, 0, 5, 2]
      let some = try found.images.images(places)
      #expect(some.shape == [4, 1, 2, 2])
      for (row, place) in places.enumerated() {
        #expect(try some.at(row).toDoubles() == all.at(place).toDoubles())
      }
      try Data("no image".utf8).write(to: URL(fileURLWithPath: "\(folder)/1/4.png"))
      #expect(try found.images.images([3]).shape == [1, 1, 2, 2])
      let error = #expect(throws: DatasetError.self) { try found.images.images([3, 4]) }
      #expect(error?.description.contains("\(folder)/1/4.png") ?? false)
    }
  }

  @Test("shrinking takes means of what a pixel stands for, each side by its own factor")
  func scaling() throws {
    try withTemporaryFolder { folder in
      // 4 × 2 pixels to 2 × 2: pairs of columns 0 and 200, with the filter reaching into the neighbours.
      let image = PNGFile.data(
        width: 4, height: 2, channels: 1, pixels: [0, 0, 200, 200, 0, 0, 200, 200])
      try PNGFile.write(["a/1.png": image], in: folder)
      let pixels = try ImageFolder(root: folder).images(size: 2, channels: 1).loaded().inputs
      // Weights of a triangle of reach 2 around column 1: 0.75, 0.75, 0.25 of 1.75.
      let low = 200.0 / 255 * 0.25 / 1.75
      let high = 200.0 / 255 * 1.5 / 1.75
      #expect(try isClose(pixels.at(0), [low, high, low, high], 1e-6))
    }
  }

  @Test("parts are those of the folder")
  func parts() throws {
    try withTemporaryFolder { folder in
      try PNGFile.write(
        ["train/a/1.png": PNGFile.square(2, [0]), "test/b/1.png": PNGFile.square(2, [255])], in: folder)
      let set = try ImageFolder(root: folder)
      #expect(set.hasParts)
      #expect(
        try set.images(.train, size: 1).loaded().classes == ["a"]
          && set.images(.test, size: 1).loaded().classes == ["b"])
      let error = #expect(throws: DatasetError.self) { try set.images(.val, size: 1).loaded() }
      #expect(error?.description.hasPrefix("\(folder)/val") ?? false)
    }
  }

  @Test("domains have the same classes, and one that has not is named")
  func domains() throws {
    try withTemporaryFolder { folder in
      let dot = PNGFile.square(2, Self.red)
      try PNGFile.write(
        ["art/dog/1.png": dot, "art/cat/1.png": dot, "photo/dog/1.png": dot, "photo/cat/1.png": dot],
        in: folder)
      let set = try DomainFolder(root: folder)
      #expect(set.domainNames == ["art", "photo"] && set.classes == ["cat", "dog"])
      let domains = try set.domains(size: 2)
      #expect(domains.map(\.name) == ["art", "photo"])
      #expect(domains.allSatisfy { $0.samples.images.shape == [2, 3, 2, 2] })
      #expect(try domains[1].samples.labels.toInts() == [0, 1])
      try PNGFile.write(["photo/horse/1.png": dot], in: folder)
      let error = #expect(throws: DatasetError.self) { try DomainFolder(root: folder) }
      #expect(error?.description.contains("photo: the same classes as in art are expected; horse") ?? false)
    }
  }

  @Test("what cannot be asked for is refused")
  func settings() throws {
    try withTemporaryFolder { folder in
      #expect(throws: DatasetError.self) { try ImageFolder(root: folder) }
      #expect(throws: DatasetError.self) { try DomainFolder(root: folder) }
      try PNGFile.write(["a/1.png": PNGFile.square(2, [0])], in: folder)
      let set = try ImageFolder(root: folder)
      #expect(throws: DatasetError.self) { try set.images(size: 0).loaded() }
      #expect(throws: DatasetError.self) { try set.images(size: 1 << 40).loaded() }
      #expect(throws: DatasetError.self) { try set.images(size: 2, channels: 2).loaded() }
    }
  }
}
