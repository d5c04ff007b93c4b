import ArrayCore
import Autograd
import Glibc

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
    try zip(angles, images.dealt(angles.count, seed: seed)).map { angle, part in
      let name = angle == angle.rounded() && abs(angle) < 1e9 ? String(Int(angle)) : String(angle)
      return (name, LabelledImages(images: try turned(part.images, by: angle), labels: part.labels))
    }
  }

  private func turned(_ images: Tensor, by degrees: Double) throws -> Tensor {
    let (height, width) = (images.shape[2], images.shape[3])
    let (cosine, sine) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
    let pixels = try images.array.toDoubles()
    var result = [Float](repeating: 0, count: pixels.count)
    for y in 0..<height {
      for x in 0..<width {
        // Where the pixel comes from.
        let (dx, dy) = (Double(x) - middleX, Double(y) - middleY)
        let fromX = cosine * dx - sine * dy + middleX
        let fromY = sine * dx + cosine * dy + middleY
        let (left, top) = (fromX.rounded(.down), fromY.rounded(.down))
        for (cornerX, cornerY) in [(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)] {
          let weight = (1 - abs(fromX - cornerX)) * (1 - abs(fromY - cornerY))
          guard weight > 0, cornerX >= 0, cornerY >= 0, cornerX < Double(width), cornerY < Double(height)
          else {
            continue
          }
          let source = Int(cornerY) * width + Int(cornerX)
          for image in 0..<images.shape[0] * images.shape[1] {
            let start = image * height * width
            result[start + y * width + x] += Float(weight * pixels[start + source])
          }
        }
      }
    }
    return Tensor(try NDArray(result, images.shape))
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
