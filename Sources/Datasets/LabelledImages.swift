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
