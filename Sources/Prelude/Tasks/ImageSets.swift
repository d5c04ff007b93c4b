import Datasets
import Interpreter
import MetaLearning

/// A published set of images that is read from its official files.
private struct ImageSet {
  let name: String
  /// What the folder holds.
  let files: String
  /// Pixels a side, unless asked otherwise.
  let size: Int
  let channels: Int
  let summary: String
  let paper: String
  let discussion: String
  /// Where the files come from, for the message when they are not there.
  let hint: String
  let images: @Sendable (_ root: String, _ split: ClassSplit, _ size: Int) throws -> ClassImages
}

extension InnerloopLanguage {
  private static let imageSets = [
    ImageSet(
      name: "MiniImagenet", files: "the folder of the pickles, or of train/, val/ and test/", size: 84,
      channels: 3, summary: "Few-shot tasks over miniImageNet's classes, from its pickles or from folders.",
      paper: "Vinyals et al. 2016; split of Ravi and Larochelle 2017 as in torchmeta MiniImagenet",
      discussion: "64 classes train, 16 validate, 20 test, 600 images each. Nothing in a pickle runs.",
      hint: "mini-imagenet-cache-train.pkl, …val.pkl and …test.pkl are expected, or folders of class folders"
    ) { try ImageNetSubset(root: $0, name: .mini).images($1, size: $2) },
    ImageSet(
      name: "TieredImagenet", files: "the folder of the pickles, or of train/, val/ and test/", size: 84,
      channels: 3, summary: "Few-shot tasks over tieredImageNet's classes, from its pickles or from folders.",
      paper: "Ren et al. 2018; torchmeta TieredImagenet",
      discussion: """
        351 classes train, 97 validate, 160 test. Decoded, the images to train take 38 GB at 84×84 pixels: where that is \
        too much, they are decoded as tasks draw them. Nothing in a pickle runs.
        """,
      hint: "train_images_png.pkl, train_labels.pkl and so on are expected, or folders of class folders"
    ) { try ImageNetSubset(root: $0, name: .tiered).images($1, size: $2) },
    ImageSet(
      name: "CUB", files: "the folder CUB_200_2011, or the one it is in", size: 84, channels: 3,
      summary: "Few-shot tasks over 200 species of birds.",
      paper: "Wah et al. 2011; split of Hilliard et al. 2018 as in torchmeta CUB",
      discussion: "100 species train, 50 validate, 50 test. Photographs are scaled to squares.",
      hint: "unpack CUB_200_2011.tgz"
    ) { try CUB(root: $0).images($1, size: $2) },
    ImageSet(
      name: "CIFARFS", files: cifarFiles, size: 32, channels: 3,
      summary: "Few-shot tasks over CIFAR-100's classes, split at random.",
      paper: "Bertinetto et al. 2019; torchmeta CIFARFS",
      discussion: "64 classes train, 16 validate, 20 test, 600 images each.", hint: cifarHint
    ) { try CIFAR100(root: $0).images(.cifarFS, $1, size: $2) },
    ImageSet(
      name: "FC100", files: cifarFiles, size: 32, channels: 3,
      summary: "Few-shot tasks over CIFAR-100's classes, split by superclasses.",
      paper: "Oreshkin et al. 2018; torchmeta FC100",
      discussion: "60 classes train, 20 validate, 20 test, 600 images each; no superclass is in two splits.",
      hint: cifarHint
    ) { try CIFAR100(root: $0).images(.fc100, $1, size: $2) },
    ImageSet(
      name: "DoubleMNIST", files: "the folder of the official zip file, or of what it unpacks to", size: 64,
      channels: 1, summary: "Few-shot tasks over the numbers 00 to 99, written with MNIST's digits.",
      paper: "Sun 2019; torchmeta DoubleMNIST",
      discussion: "64 numbers train, 16 validate, 20 test, 1,000 images each.", hint: digitsHint
    ) { try MultiDigitMNIST(root: $0, digits: .two).images($1, size: $2) },
    ImageSet(
      name: "TripleMNIST", files: "the folder of the official zip file, or of what it unpacks to", size: 28,
      channels: 1, summary: "Few-shot tasks over the numbers 000 to 999, written with MNIST's digits.",
      paper: "Sun 2019; torchmeta TripleMNIST",
      discussion: """
        640 numbers train, 160 validate, 200 test, 1,000 images each. The files have 84×84 pixels; decoded, the images \
        to train take 18 GB at that size, and 2 at 28×28.
        """, hint: digitsHint
    ) { try MultiDigitMNIST(root: $0, digits: .three).images($1, size: $2) },
  ]

  private static let cifarFiles = "the folder of cifar-100-binary.tar.gz, or of train.bin and test.bin"
  private static let cifarHint = "the file is CIFAR-100's \"binary version\""
  private static let digitsHint = "the zip file is that of github.com/shaohua0116/MultiDigitMNIST"

  /// The published sets of images.
  static func registerImageSets(in builder: RegistryBuilder) {
    for set in imageSets {
      builder.function(
        set.name,
        [.positional("root", .string, set.files)] + Interpreter.Parameter.classTasks + [
          .labelled("imageSize", .int, default: .int(set.size), "pixels a side"), .inMemory,
        ], returns: .named("ClassTasks"),
        Documentation(
          set.summary, shapes: "images [N, \(set.channels), imageSize, imageSize], 0 to 1",
          example: "\(set.name)(\"data/\(set.name.lowercased())\", ways: 5, shots: 1)", paper: set.paper,
          discussion: set.discussion)
      ) { arguments, _ in
        let (root, size) = (try arguments.string("root"), try arguments.int("imageSize"))
        return try arguments.tasksOfPart { split in
          try arguments.classTasks(arguments.loading(hint: set.hint) { try set.images(root, split, size) })
        }
      }
    }
    registerMNIST(in: builder)
  }

  private static func registerMNIST(in builder: RegistryBuilder) {
    builder.function(
      "MNIST",
      [.positional("root", .string, "the folder of the IDX files")] + Interpreter.Parameter.classTasks,
      returns: .named("ClassTasks"),
      Documentation(
        "Few-shot tasks over MNIST's ten digits, from the training files.",
        shapes: "images [N, 1, 28, 28], 0 to 1", example: "MNIST(\"data/mnist\", ways: 2, shots: 5)",
        paper: "LeCun et al. 1998", discussion: "Of the ten digits 6 train, 2 validate, 2 test.")
    ) { arguments, _ in
      let samples = try arguments.loading(hint: "MNIST's four files are expected, gzip or plain") {
        try MNIST(root: try arguments.string("root")).load(train: true)
      }
      return try arguments.classTasks(samples.images, samples.labels, metaSplit: try arguments.metaSplit())
    }
    builder.function(
      "FashionMNIST",
      [
        .positional(
          "root", .string, default: "/usr/share/datasets/fashion-mnist", "the folder of the four IDX files")
      ] + Interpreter.Parameter.classTasks, returns: .named("ClassTasks"),
      Documentation(
        "Few-shot tasks over Fashion-MNIST's ten classes.", shapes: "images [N, 1, 28, 28], 0 to 1",
        example: "FashionMNIST(ways: 2, shots: 5)", paper: "Xiao et al. 2017",
        discussion:
          "Debian's package dataset-fashion-mnist installs it. Of the ten classes 6 train, 2 validate, 2 test."
      )
    ) { arguments, _ in
      let samples = try arguments.loading(hint: "`sudo apt-get install dataset-fashion-mnist` installs it") {
        try FashionMNIST(root: try arguments.string("root")).load(train: true)
      }
      return try arguments.classTasks(samples.images, samples.labels, metaSplit: try arguments.metaSplit())
    }
  }
}
