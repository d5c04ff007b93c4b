import ArrayCore
import Autograd
import Datasets
import Foundation
import TestSupport
import Testing

@Suite("Omniglot", .enabled(if: SharedFiles.arePresent, "\(SharedFiles.missing)"))
struct OmniglotTests {
  private func omniglot() throws -> Omniglot {
    Omniglot(
      root: try #require(SharedFiles.url("data/omniglot/images_background.zip")).deletingLastPathComponent()
        .path)
  }

  @Test("the splits have 1028, 172 and 423 characters and share none")
  func splits() throws {
    let parts = try ClassSplit.allCases.map { try omniglot().load($0, size: 4) }
    #expect(parts.map(\.characters.count) == [1028, 172, 423])
    #expect(Set(parts.flatMap(\.characters)).count == 1623)
    for part in parts {
      #expect(part.images.shape == [20 * part.characters.count, 1, 4, 4])
      #expect(part.labels.shape == [20 * part.characters.count])
      #expect(try part.labels.array.max().item() == Double(part.characters.count - 1))
    }
    #expect(Set(parts[1].characters.map(\.alphabet)).count == 5)
    let first = try #require(parts[2].characters.first)
    #expect((first.alphabet, first.name) == ("Gurmukhi", "character42"))
  }

  @Test("images are white paper with black ink, and the same at any size of the thread pool's parts")
  func images() throws {
    let found = try omniglot().load(.val)
    #expect(found.images.shape == [3440, 1, 28, 28])
    let pixels = found.images.array
    #expect(try pixels.min().item() >= 0 && pixels.max().item() <= 1 + 1e-6)
    let mean = try pixels.sum().item() / Double(pixels.elementCount)
    #expect((0.85...0.97).contains(mean))
    #expect(try omniglot().load(.val).images.toDoubles() == found.images.toDoubles())
    // At their own size the pixels are the file's: black or white.
    let whole = try omniglot().load(.val, size: 105)
    #expect(try whole.images.toDoubles().prefix(100_000).allSatisfy { $0 == 0 || $0 == 1 })
  }

  @Test("inverted drawings have ink 1 and paper 0")
  func inverted() throws {
    let plain = try omniglot().load(.val, size: 4).images.toDoubles()
    let inverted = try omniglot().load(.val, inverted: true, size: 4).images.toDoubles()
    #expect(zip(plain, inverted).allSatisfy { abs($0 + $1 - 1) < 1e-6 })
    #expect(plain.reduce(0, +) > inverted.reduce(0, +))
  }

  @Test("without Vinyals's split the background trains, the evaluation set tests, and none validates")
  func files() throws {
    let train = try omniglot().load(.train, vinyalsSplit: false, size: 4)
    let test = try omniglot().load(.test, vinyalsSplit: false, size: 4)
    #expect((train.characters.count, test.characters.count) == (964, 659))
    #expect(train.characters.allSatisfy(\.isBackground) && !test.characters.contains(where: \.isBackground))
    let error = #expect(throws: DatasetError.self) {
      try omniglot().load(.val, vinyalsSplit: false, size: 4)
    }
    #expect(error?.description.contains("no characters are left to validate with") ?? false)
  }

  @Test(
    "images too large to hold are refused before anything is read of them", arguments: [0, -1, 1024, Int.max])
  func sizes(size: Int) throws {
    let error = #expect(throws: DatasetError.self) { try omniglot().load(.train, size: size) }
    #expect(error?.description.contains("imageSize is \(size)") ?? false)
  }
}
