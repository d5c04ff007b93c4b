import Interpreter

extension InnerloopLanguage {
  /// PyTorch's and torchmeta's habits with the line to write instead.
  static func registerHabits(in builder: RegistryBuilder) {
    registerGradientHabits(in: builder)
    registerTensorHabits(in: builder)
    registerTrainingHabits(in: builder)
    registerLearnerHabits(in: builder)
    registerPlanned(in: builder)
  }

  private static func registerGradientHabits(in builder: RegistryBuilder) {
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
    for name in ["requires_grad", "requires_grad_"] {
      builder.habit(
        .member, name, message: "`\(name)` is not part of Innerloop",
        hint:
          "`Parameter(tensor)` is learned, plain tensors are constants; `model.freeze(\"0.*\")` keeps parameters"
      )
    }
    builder.habit(
      .label, "create_graph", message: "`create_graph:` is written `createGraph:`",
      hint: "`createGraph: true`")
  }

  private static func registerLearnerHabits(in builder: RegistryBuilder) {
    builder.habit(
      .member, "adapt", message: "`adapt` belongs to learners of tasks, such as MAML",
      hint: "`MAML(model).adapt(task)`; MLDG and ERM are measured as they are, `mldg.evaluate(domains)`")
  }

  private static func registerTensorHabits(in builder: RegistryBuilder) {
    builder.habit(
      .member, "numpy", message: "`numpy()` is not part of Innerloop", hint: "`x.array` gives nested arrays")
    builder.habit(.member, "view", message: "`view` is called `reshape` here", hint: "`x.reshape(2, -1)`")
    builder.habit(.member, "size", message: "`size()` is called `shape` here", hint: "`x.shape[0]`")
    builder.habit(.label, "dim", message: "`dim:` is called `axis:` here", hint: "`x.sum(axis: 0)`")
    for name in [
      "abs", "exp", "log", "sqrt", "sin", "cos", "tanh", "relu", "sigmoid", "softmax", "floor", "round",
      "sign",
      "square",
    ] {
      builder.habit(
        .member, name, message: "`\(name)` is a function here, no member", hint: "`\(name)(x)`")
    }
    for (name, line) in [
      ("pow", "pow(x, 2)"), ("matmul", "matmul(x, w)"), ("mm", "matmul(x, w)"), ("clamp", "clip(x, 0, 1)"),
    ] {
      builder.habit(.member, name, message: "`\(name)` is no member here", hint: "`\(line)`")
    }
    for (name, dtype) in [("float", "float32"), ("double", "float64"), ("long", "int64")] {
      builder.habit(.member, name, message: "`\(name)()` is written `to` here", hint: "`x.to(.\(dtype))`")
    }
    for (name, line) in [
      ("unsqueeze", "x.unsqueeze(0)"), ("einsum", "matmul(x, w)"), ("where", "select(mask, a, b)"),
      ("tensor", "Tensor([1, 2])"), ("from_numpy", "Tensor([1, 2])"), ("manual_seed", "seed(7)"),
    ] {
      builder.habit(.name, name, message: "`\(name)` is no function here", hint: "`\(line)`")
    }
    for name in ["torch", "nn", "np", "numpy", "F", "torchmeta"] {
      builder.habit(
        .name, name, message: "`\(name)` is not part of Innerloop: its functions are global names",
        hint: "`relu(x)`, `zeros(2, 3)`, `MetaLinear(1, 40)`; `help()` lists them")
    }
  }

  private static func registerTrainingHabits(in builder: RegistryBuilder) {
    for name in ["BatchMetaDataLoader", "MetaDataLoader", "DataLoader"] {
      builder.habit(
        .name, name, message: "`\(name)` is not needed: tasks come in batches",
        hint: "`tasks.batches(of: 25)`")
    }
    for (name, why, line) in [
      ("ClassDataset", "class tasks take labelled samples", "ClassTasks(x, labels, ways: 5)"),
      ("MetaDataset", "tasks are addressed by index", "Tasks { i in Task(train: (x, y), test: (x, y)) }"),
      ("CombinationMetaDataset", "class tasks choose the classes", "ClassTasks(x, labels, ways: 5)"),
      (
        "CombinationSequentialSampler", "class tasks choose the classes",
        "ClassTasks(x, labels, ways: 5, sampler: .combinations)"
      ),
      ("CombinationRandomSampler", "class tasks choose the classes", "ClassTasks(x, labels, ways: 5)"),
      ("NonEpisodicWrapper", "class tasks give all their samples", "let (x, y) = tasks.samples"),
      (
        "Categorical", "class tasks number their classes anew for each task", "ClassTasks(x, labels, ways: 5)"
      ),
    ] {
      builder.habit(.name, name, message: "`\(name)` is not needed: \(why)", hint: "`\(line)`")
    }
    builder.habit(
      .name, "DataParallel", message: "`DataParallel` is not needed: all tasks run at once, on all threads",
      hint: "`threads(2)` sets how many")
    for name in ["get_subdict", "getSubdict"] {
      builder.habit(
        .member, name, message: "`\(name)` is not needed: replaced parameters reach every module",
        hint: "`model(x, params: fast)`")
    }
    for (name, line) in [
      ("CosineAnnealingLR", "Adam(lr: CosineSchedule(from: 0.001, over: 1000))"),
      ("StepLR", "SGD(lr: StepSchedule(from: 0.1, every: 1000))"),
      ("LinearLR", "Adam(lr: LinearWarmUp(over: 100, then: 0.001))"),
      ("LambdaLR", "Adam(lr: { i in 0.001 })"),
    ] {
      builder.habit(
        .name, name, message: "`\(name)` is not part of Innerloop: a rate that changes is given as `lr:`",
        hint: "`\(line)`")
    }
    for name in ["evaluate_iter", "evaluateIter"] {
      builder.habit(
        .member, name, message: "`\(name)` is written `evaluate` here",
        hint: "`maml.evaluate(batches, maxBatches: 100)`")
    }
    let labels = [
      (
        "is_classification_task",
        "int64 targets make a classification task; `lossFunction:` decides otherwise"
      ),
      (
        "scheduler",
        "give the optimizer a schedule or a closure of the iteration: `Adam(lr: CosineSchedule(from: 0.001, over: 1000))`"
      ),
      ("device", "there is no device to choose; leave it out"),
      ("verbose", "training shows its progress; leave it out"),
      ("batch_size", "`tasks.batches(of: 25)`"), ("num_workers", "there is nothing to choose; leave it out"),
    ]
    for (name, hint) in labels {
      for spelling in Set([name, Spelling.camelCase(name)]) where spelling != "batchSize" {
        builder.habit(.label, spelling, message: "`\(spelling):` is not needed", hint: hint)
      }
    }
  }
}
