import ArrayCore
import Autograd

/// MNIST (LeCun, Cortes and Burges 1998) from its four IDX files, gzip or plain: 60,000 train and 10,000 test images of
/// 28×28, ten classes. Other sets have files of the same names and form.
public struct MNIST: Sendable {
  public let root: String

  /// - Parameter root: the folder of `train-images-idx3-ubyte.gz` and the others.
  public init(root: String) { self.root = root }

  /// - Throws: ``DatasetError/file(path:reason:)``.
  public func load(train: Bool) throws -> LabelledImages {
    let name = train ? "train" : "t10k"
    let images = try IDXFile.read(
      path("\(name)-images-idx3-ubyte"), scale: 1 / 255, expecting: [nil, 28, 28])
    let count = images.shape[0]
    let labels = try IDXFile.read(path("\(name)-labels-idx1-ubyte"), as: .int64, expecting: [count])
    return LabelledImages(images: Tensor(try images.reshaped([count, 1, 28, 28])), labels: Tensor(labels))
  }

  /// The file as it was published, unless only an unpacked one is there.
  private func path(_ name: String) -> String {
    let plain = "\(root)/\(name)"
    return !Folder.exists("\(plain).gz") && Folder.exists(plain) ? plain : "\(plain).gz"
  }
}

/// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): pieces of clothing in MNIST's form.
///
/// The default folder is that of Debian's package `dataset-fashion-mnist`.
public struct FashionMNIST: Sendable {
  public static let debianRoot = "/usr/share/datasets/fashion-mnist"
  public let root: String

  public init(root: String = FashionMNIST.debianRoot) { self.root = root }

  /// - Throws: ``DatasetError/file(path:reason:)``.
  public func load(train: Bool) throws -> LabelledImages { try MNIST(root: root).load(train: train) }
}
