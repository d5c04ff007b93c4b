import Foundation

/// Made-up contents in the form of published data sets' files.
public enum DatasetFiles {
  /// The superclass of each of CIFAR-100's classes.
  public static let coarse = [
    4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7, 6, 13, 15, 3, 15, 0,
    11,
    1, 10, 12, 14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10, 16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10,
    3,
    2, 12, 12, 16, 12, 1, 9, 19, 2, 10, 0, 1, 16, 12, 9, 13, 15, 13, 16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1,
    2, 15, 6, 0, 17, 8, 14, 13,
  ]

  /// CIFAR-100's binary files. An image's red is its class's number, its green the superclass's, its blue 200.
  public static func writeCIFAR100(in folder: String) throws {
    var block: [UInt8] = []
    for (fine, coarse) in coarse.enumerated() {
      block += [UInt8(coarse), UInt8(fine)]
      for value in [fine, coarse, 200] { block += [UInt8](repeating: UInt8(value), count: 1024) }
    }
    for (name, repeats) in [("train.bin", 500), ("test.bin", 100)] {
      var data = Data(capacity: block.count * repeats)
      for _ in 0..<repeats { data += block }
      try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
  }

  /// `letter-recognition.data`: rows of the letters in turn; each number is the letter's place, or one more, or one less.
  public static func writeLetter(in folder: String) throws {
    var text = ""
    for row in 0..<20_000 {
      let place = row % 26
      let letter = String(UnicodeScalar(UInt8(65 + place)))
      text += ([letter] + (0..<16).map { "\(place + ($0 + row / 26) % 3 - 1)" }).joined(separator: ",") + "\n"
    }
    try text.write(toFile: "\(folder)/letter-recognition.data", atomically: false, encoding: .utf8)
  }

  /// The three files of the plants: species 1 to 100 in alphabetical order, each number that of the species divided by
  /// 1000.
  public static func writePlants(in folder: String) throws {
    for (name, missing) in [("Tex", 1), ("Mar", 0), ("Sha", 0)] {
      let rows = (0..<1600).map { row in
        let number = row / 16 + 1
        return
          ([String(format: "Species %03d", number)]
          + Array(repeating: String(format: "%.6f", Double(number) / 1000), count: 64)).joined(separator: ",")
      }
      try (rows.dropFirst(missing).joined(separator: "\n") + "\n").write(
        toFile: "\(folder)/data_\(name)_64.txt", atomically: false, encoding: .utf8)
    }
  }

  /// DoubleMNIST's folders: every fifth number validates or tests in turn; `perClass` images of 8×8 of each.
  public static func writeDoubleMNIST(in folder: String, perClass: Int = 2) throws {
    var images: [String: Data] = [:]
    for number in 0..<100 {
      let part = number % 5 == 0 ? "test" : number % 5 == 1 && number < 80 ? "val" : "train"
      let name = String(format: "%02d", number)
      for image in 0..<perClass {
        images["\(part)/\(name)/\(image)_\(name).png"] = PNGFile.square(8, [UInt8(number)])
      }
    }
    try PNGFile.write(images, in: folder)
  }

  /// TripleMNIST's folders, likewise.
  public static func writeTripleMNIST(in folder: String, perClass: Int = 1) throws {
    var images: [String: Data] = [:]
    for number in 0..<1000 {
      let part = number % 5 == 0 ? "test" : number % 5 == 1 && number < 800 ? "val" : "train"
      let name = String(format: "%03d", number)
      for image in 0..<perClass {
        images["\(part)/\(name)/\(image)_\(name).png"] = PNGFile.square(4, [UInt8(number % 256)])
      }
    }
    try PNGFile.write(images, in: folder)
  }

  /// MNIST's training files, not compressed: each digit `perClass` times, in grey of twenty times the digit.
  public static func writeMNIST(in folder: String, perClass: Int = 4) throws {
    func header(_ sizes: [Int]) -> Data {
      var data = Data([0, 0, 8, UInt8(sizes.count)])
      for size in sizes { withUnsafeBytes(of: UInt32(size).bigEndian) { data.append(contentsOf: $0) } }
      return data
    }
    let labels = (0..<10 * perClass).map { UInt8($0 % 10) }
    let pixels = labels.flatMap { [UInt8](repeating: $0 * 20, count: 784) }
    try (header([labels.count, 28, 28]) + pixels).write(
      to: URL(fileURLWithPath: "\(folder)/train-images-idx3-ubyte"))
    try (header([labels.count]) + labels).write(
      to: URL(fileURLWithPath: "\(folder)/train-labels-idx1-ubyte"))
  }
}
