import ArrayCore
import Autograd
import MetaLearning
import TestSupport
import Testing

@Suite("class augmentation")
struct ClassAugmentationTests {
  /// Four samples of each class of 3×3 images with two channels; image (class, sample) begins with 100 class + sample.
  private func images(classes: Int = 10) throws -> (Tensor, Tensor) {
    var numbers: [Double] = []
    for label in 0..<classes {
      for sample in 0..<4 {
        for pixel in 0..<18 { numbers.append(pixel == 0 ? Double(100 * label + sample) : Double(pixel) / 32) }
      }
    }
    return (
      try Tensor(numbers, shape: [4 * classes, 2, 3, 3], dtype: .float32),
      try Tensor((0..<4 * classes).map { $0 / 4 }, shape: [4 * classes])
    )
  }

  @Test("quarter turns are exact and counter-clockwise, flips mirror, and every channel moves alike")
  func exact() throws {
    let x = try Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19], shape: [1, 2, 3, 3])
    let data = try ClassDataset(
      x, Tensor([7] as [Int]),
      classAugmentations: [.rotation([90, 180, -90]), .horizontalFlip, .verticalFlip])
    #expect(data.count == 6 && data.labels == [7])
    let expected: [[Double]] = [
      [1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 6, 9, 2, 5, 8, 1, 4, 7], [9, 8, 7, 6, 5, 4, 3, 2, 1],
      [7, 4, 1, 8, 5, 2, 9, 6, 3], [3, 2, 1, 6, 5, 4, 9, 8, 7], [7, 8, 9, 4, 5, 6, 1, 2, 3],
    ]
    for (place, pixels) in expected.enumerated() {
      let samples = try data[place]
      #expect(try samples.inputs.toDoubles() == pixels + pixels.map { $0 + 10 })
      #expect(try samples.targets.toInts() == [place])
    }
  }

  @Test("other angles are linear between pixels, and dark beyond the edge")
  func between() throws {
    let x = try Tensor.ones([1, 9, 9])
    let turned = try ClassDataset(x, Tensor([0] as [Int]), classAugmentations: [.rotation([45])])[1].inputs
    let pixels = try turned.toDoubles()
    #expect(abs(pixels[40] - 1) < 1e-6 && pixels[0] == 0 && pixels[80] == 0)
    #expect(pixels.allSatisfy { $0 >= 0 && $0 <= 1 + 1e-6 })
  }

  @Test("an augmented class is drawn as a class of its own, with all its samples changed alike")
  func drawn() throws {
    let (x, labels) = try images()
    let tasks = try ClassTasks(
      x, labels, ways: 15, shots: 1, testShots: 3, classAugmentations: [.rotation([180])], seed: 3)
    #expect(tasks.dataset.count == 20 && tasks.classes == Array(0..<10))
    var seen: Set<Int> = []
    for index in 0..<10 {
      let task = try tasks[index]
      #expect(try task.train.inputs.toDoubles() == tasks.batch(4, from: index)[0].train.inputs.toDoubles())
      let test = try #require(task.test)
      var classOf: [Int: Set<Int>] = [:]
      for set in [task.train, test] {
        let targets = try set.targets.toInts()
        for row in 0..<set.count {
          let pixels = try set.inputs.at(row).toDoubles()
          // The mark is in the first pixel of an upright image and in the last of a turned one, of the first channel.
          let isTurned = pixels[0] == 0.25
          let mark = Int(isTurned ? pixels[8] : pixels[0])
          classOf[targets[row], default: []].insert(mark / 100 + (isTurned ? 10 : 0))
        }
      }
      #expect(classOf.count == 15 && classOf.values.allSatisfy { $0.count == 1 })
      let classes = classOf.values.compactMap(\.first)
      #expect(Set(classes).count == 15)
      seen.formUnion(classes)
    }
    #expect(seen == Set(0..<20))
  }

  @Test("an augmented class stays in the split of its class")
  func splits() throws {
    let (x, labels) = try images()
    let classes = try MetaSplit.allCases.map { split in
      let tasks = try ClassTasks(
        x, labels, ways: 4, shots: 1, testShots: 1, metaSplit: split, classAugmentations: [.horizontalFlip])
      #expect(tasks.dataset.count == 2 * tasks.classes.count)
      return Set(tasks.classes)
    }
    #expect(classes.map(\.count) == [6, 2, 2] && classes.reduce(Set()) { $0.union($1) }.count == 10)
  }

  @Test("what makes no new class, and what is no image, is refused")
  func refusals() throws {
    let (x, labels) = try images()
    for augmentations: [ClassAugmentation] in [
      [.rotation([0])], [.rotation([360])], [.rotation([90, 450])], [.rotation([])], [.rotation([.nan])],
      [.horizontalFlip, .horizontalFlip], [.rotation([-90]), .rotation([270])],
    ] {
      #expect(throws: LearningError.self) { try ClassDataset(x, labels, classAugmentations: augmentations) }
    }
    let rows = try Tensor.ones([40, 18])
    #expect(throws: LearningError.self) {
      try ClassDataset(rows, labels, classAugmentations: [.horizontalFlip])
    }
    #expect(throws: LearningError.self) { try ClassDataset(x, labels)[10] }
  }

  @Test("a choice is the beginning of a random order, whichever way it is made")
  func choice() {
    let key = RandomKey(seed: 3, stream: 1)
    for n in [1, 5, 1024, 1025, 100_000] {
      let few = key.choice(5, of: n)
      #expect(Set(few).count == min(5, n) && few.allSatisfy { (0..<n).contains($0) })
      #expect(key.choice(3, of: n) == Array(few.prefix(3)))
    }
    #expect(key.choice(2000, of: 2000).sorted() == Array(0..<2000))
    #expect(key.choice(3, of: 0) == [] && key.choice(-1, of: 3) == [])
  }

  @Test("samples made when they are drawn give the tasks of samples in memory", arguments: [false, true])
  func store(augmented: Bool) throws {
    let images = try Tensor.randn([24, 1, 4, 4], seed: 3)
    let labels = try Tensor((0..<24).map { $0 % 4 }, shape: [24])
    let augmentations = augmented ? [ClassAugmentation.rotation([90]), .horizontalFlip] : []
    let store = SampleStore(shape: [24, 1, 4, 4]) { rows in
      try images.index([.tensor(Tensor(rows, shape: [rows.count]))])
    }
    let kept = try ClassTasks(
      images, labels, ways: 3, shots: 1, testShots: 2, classAugmentations: augmentations, seed: 7)
    let drawn = try ClassTasks(
      store, labels, ways: 3, shots: 1, testShots: 2, classAugmentations: augmentations, seed: 7)
    for index in 0..<6 {
      let (a, b) = (try kept[index], try drawn[index])
      #expect(try a.train.inputs.toDoubles() == b.train.inputs.toDoubles())
      #expect(try a.train.targets.toInts() == b.train.targets.toInts())
      #expect(try #require(a.test).inputs.toDoubles() == #require(b.test).inputs.toDoubles())
    }
    let (a, b) = (try kept.batch(3, from: 2), try drawn.batch(3, from: 2))
    #expect(try a[1].train.inputs.toDoubles() == b[1].train.inputs.toDoubles())
    let wrong = SampleStore(shape: [24, 1, 4, 4]) { _ in images }
    #expect(throws: LearningError.self) {
      try ClassTasks(wrong, labels, ways: 3, shots: 1, testShots: 2)[0]
    }
  }
}
