import ArgumentParser

/// The data sets of `innerloop train`, by pytorch-maml's names and others like them.
enum RunDataset: String, Codable, CaseIterable, ExpressibleByArgument {
  case sinusoid, harmonic, omniglot, miniimagenet, tieredimagenet, cifarfs, fc100, cub, doublemnist
  case triplemnist, letter, folder, glyphs
  case fashionMNIST = "fashion-mnist"
  case sinusoidAndLine = "sinusoid-and-line"

  /// What makes it in the language.
  var constructor: String {
    switch self {
    case .sinusoid: "Sinusoid"
    case .harmonic: "Harmonic"
    case .sinusoidAndLine: "SinusoidAndLine"
    case .omniglot: "Omniglot"
    case .miniimagenet: "MiniImagenet"
    case .tieredimagenet: "TieredImagenet"
    case .cifarfs: "CIFARFS"
    case .fc100: "FC100"
    case .cub: "CUB"
    case .doublemnist: "DoubleMNIST"
    case .triplemnist: "TripleMNIST"
    case .letter: "Letter"
    case .folder: "ImageFolder"
    case .glyphs: "Glyphs"
    case .fashionMNIST: "FashionMNIST"
    }
  }

  var isRegression: Bool { self == .sinusoid || self == .harmonic || self == .sinusoidAndLine }
  /// Whether its samples are images, for the convolutional model.
  var hasImages: Bool { !isRegression && self != .letter }
  var needsFolder: Bool { !isRegression && self != .glyphs && self != .fashionMNIST }
  /// Whether its images' size can be chosen.
  var isScalable: Bool { self == .omniglot || self == .folder || self == .cub }
}

/// The learners of `innerloop train`.
enum RunLearner: String, Codable, CaseIterable, ExpressibleByArgument {
  case maml, fomaml, anil, reptile, imaml, prototypical, matching
  case metaSGD = "meta-sgd"

  /// What makes it in the language.
  var constructor: String {
    switch self {
    case .maml: "MAML"
    case .fomaml: "FOMAML"
    case .metaSGD: "MetaSGD"
    case .anil: "ANIL"
    case .reptile: "Reptile"
    case .imaml: "IMAML"
    case .prototypical: "PrototypicalNetworks"
    case .matching: "MatchingNetworks"
    }
  }

  /// Whether it has an inner loop.
  var adapts: Bool { self != .prototypical && self != .matching }
  var hasOrder: Bool { self == .maml || self == .metaSGD || self == .anil }
}
