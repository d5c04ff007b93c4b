import Autograd

/// Subsets of ImageNet for few-shot classification, from their published pickles or from folders.
///
/// The images have 84×84 pixels. Pickles are read as plain data; nothing in them runs.
public struct ImageNetSubset: Sendable {
  public enum Name: Sendable {
    /// miniImageNet (Vinyals et al. 2016; split of Ravi and Larochelle 2017): 64, 16 and 20 classes of 600 images, from
    /// `mini-imagenet-cache-train.pkl` and the others.
    case mini
    /// tieredImageNet (Ren et al. 2018): 351, 97 and 160 classes of about 1,280 images, from `train_images_png.pkl`,
    /// `train_labels.pkl` and the others.
    case tiered
  }

  public let root: String
  public let name: Name

  /// - Parameters:
  ///   - root: the folder of the pickles, or of the folders `train`, `val` and `test` of class folders.
  ///   - name: which of the two sets.
  public init(root: String, name: Name) {
    self.root = root
    self.name = name
  }

  private static let channels = 3

  private func classCount(_ split: ClassSplit) -> Int {
    switch (name, split) {
    case (.mini, .train): 64
    case (.mini, .val): 16
    case (.mini, .test): 20
    case (.tiered, .train): 351
    case (.tiered, .val): 97
    case (.tiered, .test): 160
    }
  }

  /// The images of a split, scaled to `size` pixels a side: [n, 3, size, size], 0 to 1.
  ///
  /// - Throws: ``DatasetError`` with the file's name and what was expected of it.
  public func images(_ split: ClassSplit, size: Int = 84) throws -> ClassImages {
    let format = try ImageFormat(size: size, channels: Self.channels, of: "ImageNetSubset")
    let folder = "\(root)/\(split.rawValue)"
    if Folder.exists(folder) {
      let classes = try Folder.folders(in: folder)
      try check(classes.count, split, path: folder)
      return try ImageFiles(in: folder, classes: classes).images(format)
    }
    switch name {
    case .mini: return try mini(split, format)
    case .tiered: return try tiered(split, format)
    }
  }

  private func check(_ count: Int, _ split: ClassSplit, path: String) throws {
    guard count == classCount(split) else {
      throw DatasetError.file(
        path: path, reason: "it has \(count) classes, where \(classCount(split)) are expected")
    }
  }

  /// A dictionary of all images in one array, and of each class's places in it.
  private func mini(_ split: ClassSplit, _ format: ImageFormat) throws -> ClassImages {
    let pickle = try Pickle("\(root)/mini-imagenet-cache-\(split.rawValue).pkl")
    guard let images = pickle.member("image_data", of: pickle.root),
      let classes = pickle.member("class_dict", of: pickle.root), case .dictionary(let table) = classes
    else { throw pickle.refuse("a dictionary of image_data and class_dict is expected in it") }
    guard let shape = pickle.byteShape(images), shape.count == 4, shape[3] == Self.channels,
      let bytes = try pickle.bytes(of: images)
    else { throw pickle.refuse("its image_data must be an array of bytes, [n, height, width, 3]") }
    let (count, height, width) = (shape[0], shape[1], shape[2])
    try RasterImage.checkSides(width, height, name: pickle.file.path)
    var places: [String: [Int]] = [:]
    for (key, value) in pickle.dictionaries[table] {
      guard let name = pickle.text(key), let own = try pickle.integers(value), !own.isEmpty,
        own.allSatisfy({ (0..<count).contains($0) })
      else {
        throw pickle.refuse("its class_dict must have places of images, 0 to \(count - 1), for each class")
      }
      places[name] = own
    }
    try check(places.count, split, path: pickle.file.path)
    let chosen = places.sorted { $0.key < $1.key }
    let rows = chosen.flatMap(\.value)
    let step = height * width * Self.channels
    let pixels = ImageStore(count: rows.count, format: format) {
      { place in
        let start = rows[place] * step
        return RasterImage(
          width: width, height: height, channels: Self.channels, pixels: Array(bytes[start..<(start + step)]))
      }
    }
    let labels = chosen.enumerated().flatMap { repeatElement($0.offset, count: $0.element.value.count) }
    return try ClassImages(pixels, labels: labels, classes: chosen.map(\.key))
  }

  /// A list of image files as arrays of bytes, and beside it a dictionary of their classes' numbers and names.
  private func tiered(_ split: ClassSplit, _ format: ImageFormat) throws -> ClassImages {
    let table = try Pickle("\(root)/\(split.rawValue)_labels.pkl")
    guard
      let numbers = try table.member("label_specific", of: table.root).flatMap({ try table.integers($0) }),
      let names = table.member("label_specific_str", of: table.root).flatMap(table.elements)
    else {
      throw table.refuse("a dictionary of label_specific and label_specific_str is expected in it")
    }
    let classes = names.compactMap(table.text)
    try check(classes.count, split, path: table.file.path)
    guard numbers.allSatisfy({ classes.indices.contains($0) }) else {
      throw table.refuse("its label_specific must be numbers of classes, 0 to \(classes.count - 1)")
    }
    let pickle = try Pickle("\(root)/\(split.rawValue)_images_png.pkl")
    guard let images = pickle.elements(pickle.root), images.count == numbers.count else {
      throw pickle.refuse("a list of \(numbers.count) images is expected in it")
    }
    let pixels = ImageStore(count: images.count, format: format) {
      { place in
        guard pickle.byteShape(images[place]) != nil, let bytes = try pickle.bytes(of: images[place]) else {
          throw pickle.refuse("image \(place) must be an array of bytes")
        }
        return try RasterImage(
          decoding: bytes, channels: format.channels, name: "\(pickle.file.path), image \(place)")
      }
    }
    return try ClassImages(pixels, labels: numbers, classes: classes)
  }
}
