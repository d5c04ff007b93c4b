import ArrayCore
import Autograd

/// Labelled images: [count, channels, height, width] with values 0 … 1, and int64 labels [count].
public struct LabelledImages: Sendable {
  public let images: Tensor
  public let labels: Tensor

  public init(images: Tensor, labels: Tensor) {
    self.images = images
    self.labels = labels
  }
}

/// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 60,000 train and 10,000 test images of 28×28, ten classes. Also
/// reads MNIST, whose files have the same names and form.
///
/// The default folder is that of Debian's package `dataset-fashion-mnist`.
public struct FashionMNIST: Sendable {
  public static let debianRoot = "/usr/share/datasets/fashion-mnist"
  public let root: String

  public init(root: String = FashionMNIST.debianRoot) { self.root = root }

  /// - Throws: ``DatasetError/file(path:reason:)``.
  public func load(train: Bool) throws -> LabelledImages {
    let name = train ? "train" : "t10k"
    let images = try IDXFile.read(
      "\(root)/\(name)-images-idx3-ubyte.gz", scale: 1 / 255, expecting: [nil, 28, 28])
    let count = images.shape[0]
    let labels = try IDXFile.read("\(root)/\(name)-labels-idx1-ubyte.gz", as: .int64, expecting: [count])
    return LabelledImages(images: Tensor(try images.reshaped([count, 1, 28, 28])), labels: Tensor(labels))
  }
}
