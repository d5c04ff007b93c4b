import ArrayCore
import Autograd
import TestSupport
import Testing

@Suite("derivative rules")
struct DerivativeRuleTests {
  @Test("first and second derivatives agree with finite differences", arguments: OperationCases.all)
  func agreesWithDifferences(_ operation: OperationCase) throws {
    try checkGradient(at: operation.draw(0), operation.function)
  }

  @Test(
    "a pass over tasks equals a loop over them",
    arguments: OperationCases.all.filter(\.allowsTasks))
  func agreesWithLoop(_ operation: OperationCase) throws {
    let agreement = TaskAgreement(inputs: operation.draw, function: operation.function)
    #expect(try agreement.disagreements() == [])
  }

  @Test("every operation is checked")
  func everyOperationIsChecked() throws {
    var checked: Set<String> = []
    for operation in OperationCases.all {
      let inputs = try operation.draw(0).map { $0.dtype.isFloating ? try $0.asArgument() : $0 }
      checked.formUnion(recordedOperations(of: try operation.function(inputs)))
    }
    var expected: Set<String> = []
    let differentiable = BinaryOp.allCases.filter { !$0.isComparison }
    let flat: Set<UnaryOp> = [.step, .sign, .floor, .ceil, .round, .isFinite]
    for kind in Autograd.Operation.Kind.allCases {
      switch kind {
      case .binary, .binaryScalar, .scalarBinary:
        for op in differentiable { expected.insert("\(kind).\(op)") }
      case .unary: for op in UnaryOp.allCases where !flat.contains(op) { expected.insert("\(kind).\(op)") }
      default: expected.insert("\(kind).\(kind)")
      }
    }
    #expect(expected.subtracting(checked) == [])
  }

  @Test("flat functions are constants", arguments: [UnaryOp.step, .sign, .floor, .ceil, .round, .isFinite])
  func flatFunctions(_ op: UnaryOp) throws {
    let x = try Parameter(Tensor([0.3, -1.2]))
    #expect(try !Tensor.apply(.unary(op), x.value).isRecorded)
  }

  @Test("a wrong rule is found")
  func wrongRuleIsFound() throws {
    #expect(throws: GradientCheckFailure.self) {
      try checkGradient(at: [Tensor([0.5, 1.5])]) { x in try (x[0] * x[0].detach()).sum() }
    }
  }

  @Test("a derivative that is not a number is no agreement")
  func notANumber() throws {
    #expect(throws: GradientCheckFailure.self) {
      try checkGradient(at: [Tensor([0.0])], order: 1) { try sqrt($0[0] * 0) }
    }
  }

  @Test("the base of a power may be zero")
  func powerOfZero() throws {
    let x = try Tensor([0, 2], dtype: .float64)
    let exponents = try Tensor([0, 3], dtype: .float64)
    let g = try gradient(at: x) { try pow($0, exponents).sum() }
    #expect(try g.toDoubles() == [0, 12])
    let e = try gradient(at: Tensor([2.0, 1], dtype: .float64)) { try pow(x, $0).sum() }
    #expect(try isClose(e, [0, 2 * 0.6931471805599453]))
  }

  @Test("clip passes the derivative at its bounds")
  func clipAtBounds() throws {
    let g = try gradient(at: Tensor([-1, 0, 0.5, 1, 2])) { try clip($0, 0, 1).sum() }
    #expect(try g.toDoubles() == [0, 1, 1, 1, 0])
  }

  @Test("equal maxima share, or the first takes all")
  func ties() throws {
    let x = try Tensor([1, 1])
    #expect(try gradient(at: x) { try $0.max() }.toDoubles() == [1, 0])
    #expect(try gradient(at: x) { try maximum($0, x).sum() }.toDoubles() == [0.5, 0.5])
  }

  @Test("the norm of zero has a zero derivative")
  func normOfZero() throws {
    #expect(try gradient(at: Tensor([0, 0])) { try $0.norm() }.toDoubles() == [0, 0])
  }

  @Test("gradients have the dtype of what they belong to")
  func dtypes() throws {
    let single = try Parameter(Tensor([1, 2]))
    let double = try Parameter(Tensor([3, 4], dtype: .float64))
    let loss = try (single.value * double.value).sum()
    #expect(loss.dtype == .float64)
    let gradients = try gradient(of: loss, wrt: [single, double])
    #expect(gradients.values.map(\.dtype) == [.float32, .float64])
    #expect(try gradients[0].toDoubles() == [3, 4])
  }
}
