import Autograd
import Interpreter

extension InnerloopLanguage {
  /// Tensors: how they are made, their members, and the functions of them.
  static func registerTensors(in builder: RegistryBuilder) {
    builder.enumeration(
      "DType", "The kind of number in a tensor.",
      cases: [
        "float32": "32-bit floating point, what tensors are unless said",
        "float64": "64-bit floating point, for proofs and checks",
        "int64": "whole numbers: labels and positions",
      ], aliases: ["float": "float32", "double": "float64", "long": "int64", "int": "int64"])
    builder.enumeration(
      "Reduction", "How the losses of single samples are put together.",
      cases: ["mean": "their mean", "sum": "their sum", "none": "each by itself"])
    builder.type(
      "Tensor",
      Documentation(
        "An array of numbers of any rank, with gradients of any order.", example: "Tensor([[1, 2], [3, 4]])",
        discussion: "Immutable. `x[0]`, `x[1..<3]`, `x[..., 0..<3]` and `x[labels]` take parts of it.")
    ) { type in
      type.conversion { value, _ in try Autograd.Tensor.converting(value).map(Value.object) }
      registerTensorInitializer(in: type)
      registerTensorShapes(in: type)
      registerTensorReductions(in: type)
      registerTensorValues(in: type)
    }
    registerTensorMakers(in: builder)
    registerElementwise(in: builder)
    registerTensorFunctions(in: builder)
    builder.topic(.optimizing) { registerLosses(in: builder) }
  }
}
