import ArrayCore
import Autograd
import NN
import OrderedCollections

extension MLDG {
  /// The samples of an iteration, by their part.
  struct Split {
    var train: [Samples]
    var test: [Samples]
    /// The places of the meta-test domains.
    let metaTest: [Int]

    init(_ sets: [Samples], metaTest: [Int]) throws {
      let held = OrderedSet(metaTest)
      guard !held.isEmpty, held.count < sets.count else {
        throw LearningError.argument(
          type: "MLDG",
          reason: "\(held.count) of \(sets.count) domains for meta-test; both sides need one at least")
      }
      self.metaTest = Array(held)
      train = sets.indices.filter { !held.contains($0) }.map { sets[$0] }
      test = held.map { sets[$0] }
    }

    /// Inputs and targets of each set.
    var tensors: [Tensor] { (train + test).flatMap { [$0.inputs, $0.targets] } }

    /// The same split of other samples, given as by `tensors`.
    func with(_ tensors: ArraySlice<Tensor>) throws -> Split {
      let parts = Array(tensors)
      let sets = try stride(from: 0, to: parts.count, by: 2).map { try Samples(parts[$0], parts[$0 + 1]) }
      var copy = self
      copy.train = Array(sets.prefix(train.count))
      copy.test = Array(sets.suffix(test.count))
      return copy
    }
  }

  /// A variant's objective, differentiable, with F and G.
  struct Objective {
    let loss: Tensor
    let metaTrain: Tensor
    let metaTest: Tensor
    /// The places of adapted parameters that F does not depend on.
    let unreached: [Int]
  }

  /// What the inner step changes, and what it would change if it were not frozen.
  var adapted: (moving: NamedParameters, frozen: [String]) {
    get throws {
      try (variant == .domainBed ? model.namedParameters() : model.adaptedParameters())
        .withoutFrozen(in: model)
    }
  }

  var pass: DomainPass {
    DomainPass(model: model, lossFunction: lossFunction, round: iteration)
  }

  /// - Parameter firstOrder: whether F' is a constant in what follows from it; the learner's own by default.
  func objective(_ split: Split, firstOrder: Bool? = nil) throws -> Objective {
    switch variant {
    case .standard, .gradientNorm: try steppedObjective(split, firstOrder ?? self.firstOrder)
    case .gradientCosine: try cosineObjective(split, firstOrder ?? self.firstOrder)
    case .domainBed: try pairedObjective(split)
    }
  }

  func texts(_ objective: Objective) throws -> [String] {
    let (moving, frozen) = try adapted
    return unchangedNotes(unreached: objective.unreached.map { moving.keys[$0] }, frozen: frozen)
  }

  /// F + β G or F + β ‖G'‖² at Θ − α F'.
  private func steppedObjective(_ split: Split, _ firstOrder: Bool) throws -> Objective {
    let parameters = Array(try adapted.moving.values)
    let start = parameters.map(\.value)
    let f = try pass.meanLoss(split.train, [], number: 0)
    let rates = start.map { _ in StepSize.Rate.number(stepSize) }
    let (values, _, unreached) = try descend(f, start, rates, firstOrder: firstOrder)
    let g = try pass.meanLoss(split.test, Array(zip(parameters, values)), number: 1)
    guard variant == .gradientNorm else {
      return Objective(loss: try f + g * beta, metaTrain: f, metaTest: g, unreached: unreached)
    }
    let slope = try gradient(of: g, wrt: values, createGraph: true)
    let norm = try slope.values.dropFirst().reduce(square(slope[0]).sum()) { try $0 + square($1).sum() }
    return Objective(loss: try f + norm * beta, metaTrain: f, metaTest: g, unreached: unreached)
  }

  /// F + G − αβ cos(F', G').
  private func cosineObjective(_ split: Split, _ firstOrder: Bool) throws -> Objective {
    let start = try adapted.moving.values.map(\.value)
    let f = try pass.meanLoss(split.train, [], number: 0)
    let g = try pass.meanLoss(split.test, [], number: 1)
    let (forF, forG) = try (
      gradient(of: f, wrt: start, createGraph: !firstOrder),
      gradient(of: g, wrt: start, createGraph: !firstOrder)
    )
    func product(_ a: Gradients, _ b: Gradients) throws -> Tensor {
      try zip(a.values, b.values).dropFirst().reduce((a[0] * b[0]).sum()) { try $0 + ($1.0 * $1.1).sum() }
    }
    // Gradients of zero point nowhere; their cosine is 0, and so is its derivative.
    let size = try maximum(
      product(forF, forF) * product(forG, forG), Double.leastNormalMagnitude.squareRoot())
    let cosine = try product(forF, forG) * rsqrt(size)
    return Objective(
      loss: try f + g - cosine * (stepSize * beta), metaTrain: f, metaTest: g, unreached: forF.unreached)
  }

  /// Σ (Lᵢ + β Lⱼ) / domains over the meta-train domains i, each with its meta-test domain j.
  private func pairedObjective(_ split: Split) throws -> Objective {
    let parameters = Array(try adapted.moving.values)
    let start = parameters.map(\.value)
    var (f, g): (Tensor?, Tensor?)
    var unreached = Set(parameters.indices)
    for (place, samples) in split.train.enumerated() {
      let own = try pass.meanLoss([samples], [], number: 2 * place)
      let slope = try gradient(of: own, wrt: start)
      unreached.formIntersection(slope.unreached)
      let moved = try start.indices.map { index in
        guard !slope.unreached.contains(index) else { return start[index] }
        // Adam's first step: both means are corrected to the gradient and its square.
        let step = slope[index].detach()
        return try start[index].addScaled(step / (abs(step) + 1e-8), -stepSize)
      }
      let tested = try pass.meanLoss(
        [split.test[place % split.test.count]], Array(zip(parameters, moved)), number: 2 * place + 1)
      f = try f.map { try $0 + own } ?? own
      g = try g.map { try $0 + tested } ?? tested
    }
    guard let f, let g else { throw LearningError.noBatches }
    let (pairs, domains) = (Double(split.train.count), Double(split.train.count + split.test.count))
    return Objective(
      loss: try (f + g * beta) / domains, metaTrain: try f / pairs, metaTest: try g / pairs,
      unreached: unreached.sorted())
  }

  /// F'(Θ) · G'(Θ) at the parameters of now, when it is asked for.
  func innerProduct(_ split: Split) throws -> () throws -> Double {
    let (snapshot, pass) = (snapshot, pass)
    let start = try adapted.moving.values.map(\.value)
    return {
      try withReplacedParameters(snapshot) {
        let f = try gradient(of: pass.meanLoss(split.train, [], number: 0), wrt: start)
        let g = try gradient(of: pass.meanLoss(split.test, [], number: 1), wrt: start)
        return try zip(f.values, g.values).reduce(0) { try $0 + ($1.0 * $1.1).sum().item() }
      }
    }
  }
}
