import ArrayCore
import Autograd
import Datasets
import Foundation
import TestSupport
import Testing

@Suite("Omniglot's one-shot challenge", .enabled(if: SharedFiles.arePresent, "\(SharedFiles.missing)"))
struct OmniglotChallengeTests {
  private func root() throws -> String {
    try #require(SharedFiles.url("data/omniglot/all_runs.zip")).deletingLastPathComponent().path
  }

  @Test("it has 20 runs of 20 classes, one drawing each to learn from and one to tell apart")
  func runs() throws {
    let runs = try OmniglotChallenge(root: root()).load(size: 105)
    #expect(runs.count == 20)
    for run in runs {
      #expect(run.training.images.shape == [20, 1, 105, 105] && run.test.images.shape == [20, 1, 105, 105])
      #expect(try run.training.labels.toInts() == Array(0..<20))
      #expect(try run.test.labels.toInts().sorted() == Array(0..<20))
      #expect(try run.test.images.toDoubles().allSatisfy { $0 == 0 || $0 == 1 })
    }
    // The first lines of the first run's class_labels.txt.
    #expect(try runs[0].test.labels.toInts().prefix(5) == [7, 8, 1, 18, 9])
  }

  @Test("its drawings are those of the evaluation set, and the labels tell the same character")
  func origin() throws {
    let evaluation = try Omniglot(root: root()).load(.test, vinyalsSplit: false, size: 105)
    func key(_ images: Tensor) throws -> [[Double]] {
      let numbers = try images.toDoubles()
      return stride(from: 0, to: numbers.count, by: 105 * 105).map { Array(numbers[$0..<$0 + 105 * 105]) }
    }
    var characterOf: [[Double]: Int] = [:]
    for (image, label) in try zip(key(evaluation.images), evaluation.labels.toInts()) {
      characterOf[image] = label
    }
    for run in try OmniglotChallenge(root: root()).load(size: 105) {
      let characters = try key(run.training.images).map { try #require(characterOf[$0]) }
      #expect(Set(characters.map { evaluation.characters[$0].alphabet }).count == 1)
      #expect(Set(characters).count == 20)
      for (image, label) in try zip(key(run.test.images), run.test.labels.toInts()) {
        #expect(characterOf[image] == characters[label])
      }
    }
  }
}
