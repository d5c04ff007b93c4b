import ArrayCore
import Autograd
import Foundation
import MetaLearning
import TestSupport
import Testing

@Suite("Toy curves")
struct CurveTests {
  @Test("targets follow the formula that the attributes name")
  func formulas() throws {
    for index in 0..<20 {
      let harmonic = try Harmonic(shots: 7, seed: 3, dtype: .float64)[index]
      let a = harmonic.attributes
      func number(_ name: String) throws -> Double { try #require(a[name]) }
      let (frequency, a1, a2) = try (number("frequency"), number("amplitude1"), number("amplitude2"))
      let (b1, b2) = try (number("phase1"), number("phase2"))
      #expect((5...7).contains(frequency))
      for (x, y) in try zip(harmonic.train.inputs.toDoubles(), harmonic.train.targets.toDoubles()) {
        #expect(abs(y - (a1 * sin(frequency * x + b1) + a2 * sin(2 * frequency * x + b2))) < 1e-12)
      }
      let wave = try Sinusoid(seed: 3, dtype: .float64, frequency: 0.8...1.2)[index]
      let rate = try #require(wave.attributes["frequency"])
      #expect((0.8...1.2).contains(rate) && rate != 1)
      for (x, y) in try zip(wave.train.inputs.toDoubles(), wave.train.targets.toDoubles()) {
        let (amplitude, phase) = try (
          #require(wave.attributes["amplitude"]), #require(wave.attributes["phase"])
        )
        #expect(abs(y - amplitude * sin(rate * x - phase)) < 1e-12)
      }
      let mixed = try SinusoidAndLine(seed: 3, dtype: .float64)[index]
      for (x, y) in try zip(mixed.train.inputs.toDoubles(), mixed.train.targets.toDoubles()) {
        let expected =
          try mixed.attributes["slope"].map { try $0 * x + #require(mixed.attributes["intercept"]) }
          ?? #require(mixed.attributes["amplitude"]) * sin(x - #require(mixed.attributes["phase"]))
        #expect(abs(y - expected) < 1e-12)
      }
    }
    let kinds = try (0..<200).map { try SinusoidAndLine()[$0].attributes["slope"] != nil }
    #expect((60...140).contains(kinds.count(where: \.self)))
  }

  @Test("a task is the same alone, in a batch and on every access; splits and seeds differ")
  func repeatable() throws {
    for make in [
      { try Harmonic(metaSplit: $0, seed: $1) as Tasks },
      { try SinusoidAndLine(metaSplit: $0, seed: $1) as Tasks },
    ] as [(MetaSplit, UInt64) throws -> Tasks] {
      let tasks = try make(.train, 1)
      let alone = try tasks[5].train.targets.toDoubles()
      #expect(try tasks.batch(4, from: 3)[2].train.targets.toDoubles() == alone)
      #expect(try make(.train, 1)[5].train.targets.toDoubles() == alone)
      #expect(try make(.val, 1)[5].train.targets.toDoubles() != alone)
      #expect(try make(.train, 2)[5].train.targets.toDoubles() != alone)
    }
  }

  @Test("noise has the standard deviation that is asked for")
  func noise() throws {
    let clean = try Sinusoid(shots: 5000, seed: 2, dtype: .float64)[0]
    let noisy = try Sinusoid(shots: 5000, seed: 2, noise: 0.5, dtype: .float64)[0]
    let difference = try (noisy.train.targets - clean.train.targets).std().item()
    #expect(abs(difference - 0.5) < 0.03)
    #expect(throws: LearningError.self) { try Harmonic(noise: -1) }
  }
}
