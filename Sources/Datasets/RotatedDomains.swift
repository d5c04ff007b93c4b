import ArrayCore
import Autograd

/// Labelled images dealt out to domains, each turned by an angle of its own: RotatedMNIST (Ghifary et al. 2015, as in
/// DomainBed) over any images.
///
/// No image is in two domains. Turning is counter-clockwise about the centre, between pixels linear, black beyond the
/// edge.
public struct RotatedDomains: Sendable {
  public let images: LabelledImages
  /// In degrees.
  public let angles: [Double]
  public let seed: UInt64

  public init(
    _ images: LabelledImages, angles: [Double] = [0, 15, 30, 45, 60, 75], seed: UInt64 = 0
  ) throws {
    guard !angles.isEmpty, Set(angles).count == angles.count, angles.allSatisfy(\.isFinite) else {
      throw DatasetError.argument(type: "RotatedDomains", reason: "it needs different angles")
    }
    try images.checkImages("RotatedDomains", atLeast: angles.count)
    self.images = images
    self.angles = angles
    self.seed = seed
  }

  /// Each domain's name, its angle ("0", "15", "22.5"), and its samples, in order.
  public func domains() throws -> [(name: String, samples: LabelledImages)] {
    let (height, width) = (images.images.shape[2], images.images.shape[3])
    return try zip(angles, images.dealt(angles.count, seed: seed)).map { angle, part in
      let name = angle == angle.rounded() && abs(angle) < 1e9 ? String(Int(angle)) : String(angle)
      let turn = PixelMap.rotation(degrees: angle, height: height, width: width)
      return (
        name, LabelledImages(images: Tensor(try part.images.array.mapped(by: turn)), labels: part.labels)
      )
    }
  }
}

extension LabelledImages {
  /// Refuses what are no labelled images, or too few of them.
  func checkImages(_ type: String, atLeast least: Int) throws {
    guard images.rank == 4, images.dtype.isFloating, images.taskCount == nil, labels.dtype == .int64,
      labels.shape == [images.shape[0]]
    else {
      throw DatasetError.argument(
        type: type,
        reason:
          "it takes images [n, channels, height, width] and int64 labels [n], not \(images.shape) and \(labels.shape)"
      )
    }
    guard images.shape[0] >= least else {
      throw DatasetError.argument(
        type: type, reason: "\(images.shape[0]) images are too few for \(least) domains")
    }
  }

  /// The images in a random order, cut into so many parts of nearly equal size.
  func dealt(_ parts: Int, seed: UInt64) throws -> [LabelledImages] {
    let count = images.shape[0]
    let order = RandomKey(seed: seed, stream: 1 << 41).permutation(count)
    return try (0..<parts).map { part in
      let rows = try NDArray(Array(order[(count * part / parts)..<(count * (part + 1) / parts)]))
      return LabelledImages(
        images: Tensor(try NDArray.takeRows(images.array, rows)),
        labels: Tensor(try NDArray.takeRows(labels.array, rows)))
    }
  }
}
