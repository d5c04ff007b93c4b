import ArrayCore

/// Makes new classes of images out of the old: a class whose images are all turned or mirrored is a class of its own, drawn
/// like the others. torchmeta's `class_augmentations` (Santoro et al. 2016 turn Omniglot's characters by quarters).
public enum ClassAugmentation: Hashable, Sendable {
  /// A new class for each angle, in degrees, counter-clockwise about the centre. Quarter turns of square images are
  /// exact; others are linear between pixels, and 0 where they come from beyond the edge.
  case rotation([Double])
  /// Left and right change places.
  case horizontalFlip
  /// Top and bottom change places.
  case verticalFlip
}

extension ClassAugmentation {
  /// One way to change an image, as a key that equal ways share.
  private enum Transform: Hashable {
    case rotation(Double)
    case horizontalFlip
    case verticalFlip

    func map(height: Int, width: Int) -> PixelMap {
      switch self {
      case .rotation(let degrees): .rotation(degrees: degrees, height: height, width: width)
      case .horizontalFlip: .horizontalFlip(height: height, width: width)
      case .verticalFlip: .verticalFlip(height: height, width: width)
      }
    }
  }

  private var transforms: [Transform] {
    switch self {
    case .rotation(let angles):
      angles.map { degrees in
        let angle = degrees.truncatingRemainder(dividingBy: 360)
        return .rotation(angle < 0 ? angle + 360 : angle)
      }
    case .horizontalFlip: [.horizontalFlip]
    case .verticalFlip: [.verticalFlip]
    }
  }

  /// What a list of augmentations does to images [n, …, height, width], each time another way.
  ///
  /// - Throws: ``LearningError/argument(type:reason:)`` for what makes no new class, and for what is no image.
  static func maps(_ augmentations: [ClassAugmentation], for inputs: SampleTable) throws -> [PixelMap] {
    guard !augmentations.isEmpty else { return [] }
    func refusal(_ reason: String) -> LearningError { .argument(type: "classAugmentations", reason: reason) }
    let transforms = augmentations.flatMap(\.transforms)
    guard inputs.shape.rank >= 3, inputs.dtype.isFloating else {
      throw refusal(
        "it takes float images [n, …, height, width], not \(inputs.dtype.name) inputs of shape \(inputs.shape)"
      )
    }
    for case .rotation(let degrees) in transforms where !degrees.isFinite || degrees == 0 {
      throw refusal("a rotation by \(degrees) degrees makes no new class")
    }
    guard !transforms.isEmpty, Set(transforms).count == transforms.count else {
      throw refusal("it needs different rotations and flips: the same one twice makes the same class twice")
    }
    let (height, width) = (inputs.shape[inputs.shape.rank - 2], inputs.shape[inputs.shape.rank - 1])
    return transforms.map { $0.map(height: height, width: width) }
  }
}
