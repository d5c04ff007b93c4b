import Autograd

/// Samples of classes that have names.
public struct ClassSamples: Sendable {
  /// A sample a row: images [n, channels, height, width], 0 to 1, or numbers [n, features].
  public let inputs: Tensor
  /// int64 [n]: the place of each sample's class in `classes`.
  public let labels: Tensor
  public let classes: [String]

  public init(inputs: Tensor, labels: Tensor, classes: [String]) {
    self.inputs = inputs
    self.labels = labels
    self.classes = classes
  }
}

/// A part of the classes of a data set; no class is in two of them.
public enum ClassSplit: String, Sendable, CaseIterable { case train, val, test }
