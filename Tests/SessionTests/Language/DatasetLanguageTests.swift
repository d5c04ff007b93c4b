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
}
