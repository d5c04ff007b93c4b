import Autograd
import Datasets
import Interpreter
import MetaLearning

extension InnerloopLanguage {
  /// One's own image files.
  static func registerImageFiles(in builder: RegistryBuilder) {
    builder.function(
      "ImageFolder",
      [
        .positional("root", .string, "a folder of class folders with PNG or JPEG images")
      ] + Interpreter.Parameter.classTasks + [
        .labelled("imageSize", .int, default: 28, "pixels a side"),
        .labelled("channels", .int, default: 3, "3 for red, green and blue, 1 for grey"),
        .split, .inMemory,
      ], returns: .named("ClassTasks"),
      Documentation(
        "Few-shot tasks over one's own images: a folder for each class.",
        shapes: "images [N, channels, imageSize, imageSize], 0 to 1",
        example: "ImageFolder(\"data/leaves\", ways: 5, shots: 1, testShots: 5, imageSize: 28)",
        discussion: """
          The seed says which classes are in which part. A folder with the folders `train`, `val` and `test`, each with \
          class folders, says it itself. Images of any size are scaled to squares.
          """)
    ) { arguments, _ in
      let (size, channels) = (try arguments.int("imageSize"), try arguments.int("channels"))
      return try arguments.tasksOfPart { part in
        let images = try arguments.loading {
          let folder = try ImageFolder(root: try arguments.string("root"))
          let all = try folder.classes(part)
          let chosen =
            try folder.hasParts
            ? all
            : MetaSplit(rawValue: part.rawValue)?.part(
              of: all, split: arguments.doubles("split"),
              seed: UInt64(bitPattern: Int64(arguments.int("seed")))
            ).sorted()
          return try folder.images(part, classes: chosen, size: size, channels: channels)
        }
        return try arguments.classTasks(images)
      }
    }
    builder.function(
      "loadIDX", [.positional("file", .string, "the path of an IDX file, gzip or plain")], returns: .tensor,
      Documentation(
        "The numbers of a file in MNIST's format: images as float32, 0 to 1; labels, in one axis, as int64.",
        shapes: "as in the file: images [n, height, width], labels [n]",
        example: "loadIDX(\"images.gz\").unsqueeze(1)",
        paper: "LeCun et al. 1998, MNIST")
    ) { arguments, _ in
      let path = try arguments.string("file")
      do {
        let numbers = try IDXFile.read(path)
        return .object(
          Tensor(
            try numbers.shape.rank == 1 ? numbers.cast(to: .int64) : IDXFile.read(path, scale: 1 / 255)))
      } catch let error as DatasetError {
        throw arguments.problem("file", id: "dataset", error.description)
      }
    }
  }
}
