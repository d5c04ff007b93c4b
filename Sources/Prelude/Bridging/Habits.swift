import Interpreter

extension InnerloopLanguage {
  /// PyTorch's habits with the line to write instead, and names of LANGUAGE that are not there yet.
  static func registerHabits(in builder: RegistryBuilder) {
    builder.habit(
      .member, "backward", message: "`backward()` is not part of Innerloop: gradients are values",
      hint: "`let g = gradient(of: loss, wrt: model)`, or `optimizer.step(model, loss: loss)`")
    for name in ["zero_grad", "zeroGrad"] {
      builder.habit(
        .member, name, message: "`\(name)()` is not needed: gradients are values and nothing accumulates",
        hint: "leave the line out; `optimizer.step(model, loss: loss)` does one whole update")
    }
    builder.habit(
      .member, "grad", message: "`.grad` is not part of Innerloop: gradients are values",
      hint: "`gradient(of: loss, wrt: w)`")
    builder.habit(
      .member, "requires_grad", message: "`requires_grad` is not part of Innerloop",
      hint: "`Parameter(tensor)` is learned; plain tensors are constants")
    builder.habit(
      .member, "requires_grad_", message: "`requires_grad_` is not part of Innerloop",
      hint: "`Parameter(tensor)` is learned; plain tensors are constants")
    builder.habit(
      .member, "numpy", message: "`numpy()` is not part of Innerloop", hint: "`x.array` gives nested arrays")
    builder.habit(.member, "view", message: "`view` is called `reshape` here", hint: "`x.reshape(2, -1)`")
    builder.habit(.member, "size", message: "`size()` is called `shape` here", hint: "`x.shape[0]`")
    builder.habit(.label, "dim", message: "`dim:` is called `axis:` here", hint: "`x.sum(axis: 0)`")
    builder.habit(
      .label, "create_graph", message: "`create_graph:` is written `createGraph:`",
      hint: "`createGraph: true`")
    for name in ["torch", "nn", "np", "numpy", "F"] {
      builder.habit(
        .name, name, message: "`\(name)` is not part of Innerloop: its functions are global names",
        hint: "`relu(x)`, `zeros(2, 3)`, `MetaLinear(1, 40)`; `help()` lists them")
    }
    for name in [
      "MetaEmbeddingBag", "MetaMultiheadAttention", "Omniglot", "MiniImagenet", "TieredImagenet", "CIFARFS",
      "FC100", "CUB", "DoubleMNIST", "TripleMNIST", "Harmonic", "SinusoidAndLine", "ImageFolder", "CSVTasks",
    ] {
      builder.habit(
        .name, name, message: "`\(name)` is planned but not part of this version",
        hint: "`help()` lists what there is")
    }
    for name in ["slider", "interact", "compare", "sweep", "graph", "landscape", "audit"] {
      builder.habit(
        .name, name, message: "`\(name)` is planned but not part of this version",
        hint: "`help()` lists what there is")
    }
  }
}
