import Foundation
import TestSupport
import Testing

@Suite("the language's description: data sets from files")
struct DatasetLanguageTests {
  @Test("a folder of class folders gives tasks, and a seed says which classes are in which part")
  func imageFolder() throws {
    try withTemporaryFolder { folder in
      var images: [String: Data] = [:]
      for label in 0..<10 {
        for image in 0..<4 {
          images["c\(label)/\(image).png"] = PNGFile.square(8, [UInt8(label * 20), 0, 0])
        }
      }
      try PNGFile.write(images, in: folder)
      Example(
        """
        func reds(_ split: MetaSplit) -> [Double] {
          let t = ImageFolder("\(folder)", ways: 2, shots: 1, testShots: 3, imageSize: 4, metaSplit: split, seed: 5)
          return (0..<20).map { t[$0].train.inputs[0, 0, 0, 0].item() }
        }
        let task = ImageFolder("\(folder)", ways: 2, shots: 1, testShots: 3)[0]
        print(task.train.inputs.shape, task.test.inputs.shape, task.train.targets.array)
        let (a, b, c) = (reds(.train), reds(.val), reds(.test))
        print(a.filter { b.contains($0) || c.contains($0) }.count, b.filter { c.contains($0) }.count)
        print(ImageFolder("\(folder)", ways: 10, shots: 1, testShots: 3, split: [1, 0, 0], channels: 1)[0].train.inputs.shape)
        """,
        prints: "[2, 3, 28, 28] [6, 3, 28, 28] [0, 1]\n0 0\n[10, 1, 28, 28]"
      ).check()
      Refusal("ImageFolder(\"\(folder)\", split: [1, 1, 0])", says: "sum of at most 1").check()
      Refusal("ImageFolder(\"\(folder)\", imageSize: 0)", says: "imageSize is 0").check()
      Refusal("ImageFolder(\"\(folder)/none\")", says: "none").check()
    }
  }

  @Test("a folder of domains gives domains")
  func domainFolder() throws {
    try withTemporaryFolder { folder in
      let dot = PNGFile.square(8, [255, 128, 0])
      try PNGFile.write(
        ["art/dog/1.png": dot, "art/cat/1.png": dot, "photo/dog/1.png": dot, "photo/cat/1.png": dot],
        in: folder)
      Example(
        "let d = DomainFolder(\"\(folder)\", imageSize: 4, batchSize: 1); print(d.names, d[\"art\"].inputs.shape, d[\"photo\"].targets.array)",
        prints: "[\"art\", \"photo\"] [2, 3, 4, 4] [0, 1]"
      ).check()
      Refusal("DomainFolder(\"\(folder)/art/dog\")", says: "a folder for each domain").check()
    }
  }

  @Test("published sets of images give tasks of their splits")
  func images() throws {
    try withTemporaryFolder { folder in
      try DatasetFiles.writeCIFAR100(in: folder)
      Example(
        """
        let t = CIFARFS("\(folder)", ways: 16, shots: 1, testShots: 1, metaSplit: .val, imageSize: 4)
        print(t[3].train.inputs.shape, allClose(t[3].train.inputs, t[3].train.inputs))
        print(FC100("\(folder)", ways: 20, shots: 5, metaSplit: .test, imageSize: 4)[0].test.inputs.shape)
        """, prints: "[16, 3, 4, 4] true\n[300, 3, 4, 4]"
      ).check()
      Refusal("FC100(\"\(folder)\", ways: 21, metaSplit: .val, imageSize: 1)", says: "the split has 20")
        .check()
      Refusal("CIFARFS(\"\(folder)/none\")", says: "binary version").check()
    }
    try withTemporaryFolder { folder in
      try DatasetFiles.writeDoubleMNIST(in: folder)
      Example(
        "print(DoubleMNIST(\"\(folder)\", ways: 20, shots: 1, testShots: 1, metaSplit: .test)[0].train.inputs.shape)",
        prints: "[20, 1, 64, 64]"
      ).check()
      Refusal("DoubleMNIST(\"\(folder)/none\")", says: "MultiDigitMNIST").check()
    }
    try withTemporaryFolder { folder in
      try DatasetFiles.writeTripleMNIST(in: folder)
      Example(
        "print(TripleMNIST(\"\(folder)\", ways: 160, shots: 1, testShots: 0, metaSplit: .val)[0].train.inputs.shape)",
        prints: "[160, 1, 28, 28]"
      ).check()
    }
    try withTemporaryFolder { folder in
      try DatasetFiles.writeMNIST(in: folder)
      Example(
        "print(MNIST(\"\(folder)\", ways: 6, shots: 1, testShots: 3, classAugmentations: [Rotation(90)])[0].test.inputs.shape)",
        prints: "[18, 1, 28, 28]"
      ).check()
      Refusal("MNIST(\"\(folder)/none\")", says: "four files").check()
    }
  }

  @Test("published sets of numbers give tasks of their splits")
  func features() throws {
    try withTemporaryFolder { folder in
      try DatasetFiles.writeLetter(in: folder)
      try DatasetFiles.writePlants(in: folder)
      Example(
        """
        print(Letter("\(folder)", ways: 15)[0].train.inputs.shape, Letter("\(folder)", metaSplit: .test, normalize: true)[0].test.inputs.shape)
        print(PlantsTexture("\(folder)", ways: 70, testShots: 5)[0].train.inputs.shape)
        print(PlantsMargin("\(folder)", ways: 15, metaSplit: .val)[1].train.inputs.shape)
        print(PlantsShape("\(folder)", ways: 5, metaSplit: .test)[1].test.inputs.shape)
        """, prints: "[15, 16] [75, 16]\n[70, 64]\n[15, 64]\n[75, 64]"
      ).check()
      Refusal("Letter(\"\(folder)\", ways: 7, metaSplit: .test)", says: "the split has 6").check()
      Refusal("PlantsShape(\"\(folder)/none\")", says: "UCI").check()
    }
  }
}
