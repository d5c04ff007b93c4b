import ArrayCore
import Autograd

/// Labelled images dealt out to domains in which a colour tells more or less of the label: ColoredMNIST (Arjovsky, Bottou,
/// Gulrajani and Lopez-Paz 2019) over any grey images.
///
/// The label is 1 for the first half of the classes and 0 for the others, and wrong with the probability `labelNoise`. The
/// image is red (channel 0) or green (channel 1) by the label, but by its opposite with the domain's probability. A model
/// that goes by the colour fails in a domain where it misleads.
public struct ColoredDomains: Sendable {
  public let images: LabelledImages
  /// Of each domain: how often the colour is the opposite of the label.
  public let probabilities: [Double]
  public let labelNoise: Double
  public let seed: UInt64

  public init(
    _ images: LabelledImages, probabilities: [Double] = [0.1, 0.2, 0.9], labelNoise: Double = 0.25,
    seed: UInt64 = 0
  ) throws {
    guard !probabilities.isEmpty, Set(probabilities).count == probabilities.count,
      (probabilities + [labelNoise]).allSatisfy({ (0...1).contains($0) })
    else {
      throw DatasetError.argument(
        type: "ColoredDomains", reason: "it needs different probabilities, and all of them within 0...1")
    }
    try images.checkImages("ColoredDomains", atLeast: probabilities.count)
    guard images.images.shape[1] == 1 else {
      throw DatasetError.argument(
        type: "ColoredDomains",
        reason: "it colours grey images [n, 1, height, width], not \(images.images.shape)")
    }
    self.images = images
    self.probabilities = probabilities
    self.labelNoise = labelNoise
    self.seed = seed
  }

  /// Each domain's name, its probability ("0.1"), and its samples, in order; images have two channels.
  public func domains() throws -> [(name: String, samples: LabelledImages)] {
    let classes = try Set(images.labels.toInts()).sorted()
    let first = Set(classes.prefix((classes.count + 1) / 2))
    return try zip(probabilities, images.dealt(probabilities.count, seed: seed)).enumerated().map {
      place, domain in
      let (probability, part) = domain
      let key = RandomKey(seed: seed, stream: 1 << 42 + UInt64(place))
      var labels: [Int] = []
      var red: [Double] = []
      for (row, label) in try part.labels.toInts().enumerated() {
        let isWrong = key.uniform(at: UInt64(2 * row)) < labelNoise
        let value = first.contains(label) != isWrong
        labels.append(value ? 1 : 0)
        red.append(value != (key.uniform(at: UInt64(2 * row + 1)) < probability) ? 1 : 0)
      }
      let shares = try Tensor(red, shape: [red.count, 1, 1, 1], dtype: part.images.dtype)
      let coloured = try concat([part.images * shares, part.images * (shares * -1 + 1)], axis: 1)
      return (String(probability), LabelledImages(images: coloured, labels: try Tensor(labels)))
    }
  }
}
