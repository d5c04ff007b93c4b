import ArrayCore
import Autograd
import Datasets
import TestSupport
import Testing

@Suite("Domains over images")
struct ImageDomainTests {
  /// Image n has n + 1 in its first pixel and is of class n % 4.
  private func images(_ count: Int = 40, size: Int = 5) throws -> LabelledImages {
    var numbers: [Float] = []
    for image in 0..<count {
      for pixel in 0..<size * size {
        numbers.append(Float(pixel == 0 ? image + 1 : (pixel * 7 + image) % 11))
      }
    }
    return LabelledImages(
      images: try Tensor(NDArray(numbers, [count, 1, size, size])),
      labels: try Tensor((0..<count).map { $0 % 4 }))
  }

  @Test("every image is in one domain, upright where the angle is 0")
  func dealt() throws {
    let source = try images()
    let domains = try RotatedDomains(source, angles: [0, 360, 720], seed: 3).domains()
    #expect(domains.map(\.name) == ["0", "360", "720"])
    var seen: [Double] = []
    for (_, part) in domains {
      for row in 0..<part.images.shape[0] {
        let image = try part.images.at(row)
        let first = try image.reshape([25]).at(0).item()
        seen.append(first.rounded())
        let original = Int(first.rounded()) - 1
        #expect(try largestDifference(image, source.images.at(original)) < 1e-4)
        #expect(try part.labels.at(row).item() == Double(original % 4))
      }
    }
    #expect(seen.sorted() == (1...40).map(Double.init))
  }

  @Test("a quarter turn goes counter-clockwise, and four of them come back")
  func quarter() throws {
    let one = LabelledImages(
      images: try Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 1, 3, 3]), labels: try Tensor([0] as [Int]))
    let turned = try RotatedDomains(one, angles: [90]).domains()[0].samples
    #expect(try isClose(turned.images.reshape([9]), [3, 6, 9, 2, 5, 8, 1, 4, 7], 1e-5))
    let back = try RotatedDomains(turned, angles: [270]).domains()[0].samples
    #expect(try isClose(back.images, one.images.toDoubles(), 1e-5))
    let eighth = try RotatedDomains(one, angles: [45]).domains()[0].samples
    #expect(try isClose(eighth.images.reshape([9]).at(4), [5], 1e-5))
  }

  @Test("the colour misleads as often as the domain says, and labels are wrong as often as asked")
  func colours() throws {
    let source = try images(6000, size: 2)
    let domains = try ColoredDomains(source, probabilities: [0.1, 0.9], labelNoise: 0.25, seed: 1).domains()
    #expect(domains.map(\.name) == ["0.1", "0.9"])
    for (domain, probability) in zip(domains, [0.1, 0.9]) {
      let (x, labels) = try (domain.samples.images, domain.samples.labels.toInts())
      #expect(x.shape == [3000, 2, 2, 2])
      var (misled, wrong) = (0, 0)
      for row in 0..<3000 {
        let red = try x.at(row).at(0).reshape([4]).at(0).item()
        let green = try x.at(row).at(1).reshape([4]).at(0).item()
        #expect((red == 0) != (green == 0))
        if (red > 0) != (labels[row] == 1) { misled += 1 }
        let number = Int(max(red, green)) - 1
        if (number % 4 < 2) != (labels[row] == 1) { wrong += 1 }
      }
      #expect(abs(Double(misled) / 3000 - probability) < 0.03)
      #expect(abs(Double(wrong) / 3000 - 0.25) < 0.04)
    }
  }

  @Test("what makes no domains is refused")
  func refusals() throws {
    let source = try images(4)
    #expect(throws: DatasetError.self) { try RotatedDomains(source, angles: [1, 1]) }
    #expect(throws: DatasetError.self) { try RotatedDomains(source) }
    #expect(throws: DatasetError.self) { try ColoredDomains(source, probabilities: [0.1, 2]) }
    let flat = LabelledImages(images: try Tensor.zeros([4, 9]), labels: source.labels)
    #expect(throws: DatasetError.self) { try RotatedDomains(flat, angles: [0]) }
    let coloured = LabelledImages(images: try Tensor.zeros([4, 3, 2, 2]), labels: source.labels)
    #expect(throws: DatasetError.self) { try ColoredDomains(coloured) }
  }
}
