import ArrayCore
import Autograd
import Datasets
import Display
import Interpreter
import MetaLearning
import NN

extension InnerloopLanguage {
  /// How errors of the libraries below read in the language.
  static func registerErrors(in builder: RegistryBuilder) {
    builder.describeErrors { error in
      switch error {
      case let error as TensorError:
        ErrorDescription(
          id: identifier(error.kind), message: error.description, isInterrupt: error.kind == .cancelled)
      case let error as NNError: ErrorDescription(id: "module", message: error.description)
      case let error as LearningError: ErrorDescription(id: "learning", message: error.description)
      case let error as DatasetError: ErrorDescription(id: "dataset", message: error.description)
      case let error as GradientCheckFailure:
        ErrorDescription(id: "gradient-check", message: error.description)
      case let error as SaveError: ErrorDescription(id: "save", message: error.description)
      default: nil
      }
    }
  }

  private static func identifier(_ kind: TensorError.Kind) -> String {
    switch kind {
    case .shapesDoNotBroadcast, .shapesDiffer, .innerAxesDiffer, .rankTooLow, .rankTooHigh,
      .elementCountDiffers, .notOneElement, .geometry:
      "shape-mismatch"
    case .axisOutOfRange, .repeatedAxis, .indexOutOfRange: "index-out-of-range"
    case .sizeTooLarge, .negativeSize, .outOfMemory: "too-large"
    case .integerOverflow: "overflow"
    case .divisionByZero: "division-by-zero"
    case .unsupportedDType, .dtypesDiffer: "dtype-mismatch"
    case .needsTaskLoop: "needs-task-loop"
    case .cancelled: "interrupted"
    case .emptyReduction, .invalid: "tensor"
    }
  }
}
