import Testing

@Suite("the language's description: tensors")
struct TensorLanguageTests {
  private static let preamble = "let x = Tensor([[1, 2, 3], [4, 5, 6]])"

  @Test(
    "tensors are made",
    arguments: [
      Example(
        "print(Tensor([[1, 2], [3, 4]]).array, zeros(2, 3).shape, ones(2).array, full([2], 7).array)",
        prints: "[[1.0, 2.0], [3.0, 4.0]] [2, 3] [1.0, 1.0] [7.0, 7.0]"),
      Example(
        "print(eye(2).array, arange(3).array, linspace(-5, 5, 3).array, oneHot([0, 2], 3).array)",
        prints:
          "[[1.0, 0.0], [0.0, 1.0]] [0.0, 1.0, 2.0] [-5.0, 0.0, 5.0] [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]"),
      Example(
        "print(randn(3, 4, seed: 1).shape, allClose(randn(3, seed: 1), randn(3, seed: 1)), rand(3).max() < 1)",
        prints: "[3, 4] true Tensor(1, int64)"),
      Example(
        "print(Tensor(3).item(), Tensor([[5]]).item(), one_hot(Tensor([1]), 2).array)",
        prints: "3.0 5.0 [[0.0, 1.0]]"),
    ])
  func makers(example: Example) { example.check() }

  @Test(
    "members of tensors",
    arguments: [
      Example("print(x.shape, x.dtype, x.T.shape, x.flatten().shape)", prints: "[2, 3] .float32 [3, 2] [6]"),
      Example(
        "print(x[0].array, x[-1].array, x[1..<2].array)",
        prints: "[1.0, 2.0, 3.0] [4.0, 5.0, 6.0] [[4.0, 5.0, 6.0]]"),
      // A mask chooses where it is 1; its axes become one.
      Example(
        "print(x[x > 2].array, x[x > 9].shape, x[x > 2].shape)", prints: "[3.0, 4.0, 5.0, 6.0] [0] [4]"),
      Example(
        "print(x[Tensor([1, 0]) > 0].array, x[..., Tensor([1, 0, 1]) > 0].array)",
        prints: "[[1.0, 2.0, 3.0]] [[1.0, 3.0], [4.0, 6.0]]"),
      // Tasks whose masks choose different numbers of elements are gone through one by one.
      Example(
        "struct Net: MetaModule {\n let l = MetaLinear(1, 1, seed: 1)\n func forward(_ x: Tensor) -> Tensor { let y = l(x)\n return y + y[y > 0].sum() }\n}\nlet m = MAML(Net(), stepSize: 0.01); let tasks = Sinusoid(shots: 5, seed: 1); print(m.outerLoss(tasks.batch(3)).outerLosses == (0..<3).map { m.outerLoss([tasks[$0]]).meanOuterLoss })",
        prints: "true"),
      Example("print(x[(x > 2) * (x < 6)].array, x[x.isFinite].shape)", prints: "[3.0, 4.0, 5.0] [6]"),
      Example(
        "print(gradient(at: x) { x in pow(x[x > 4], 2).sum() }.array)",
        prints: "[[0.0, 0.0, 0.0], [0.0, 10.0, 12.0]]"),
      Example(
        "let t = Sinusoid(shots: 10, seed: 1)[0]; let right = t.support.inputs.flatten() > 0; print(t.support.inputs[right].min().item() > 0)",
        prints: "true"),
      Example(
        "print(x[..., 0..<2].array, x.reshape(3, -1).shape)", prints: "[[1.0, 2.0], [4.0, 5.0]] [3, 2]"),
      Example(
        "print(zeros(2, 3, 4).permute(0, 2, 1).shape, zeros(1, 3).squeeze(0).shape, zeros(3).unsqueeze(0).shape)",
        prints: "[2, 4, 3] [3] [1, 3]"),
      Example(
        "print(x.sum(axis: 0).array, x.mean().item(), zeros(2, 3, 4, 5).mean(axes: [2, 3]).shape)",
        prints: "[5.0, 7.0, 9.0] 3.5 [2, 3]"),
      Example("print(zeros(2, 3, 4).sum(axis: [0, 2]).shape)", prints: "[3]"),
      Example(
        "print(x.max(axis: 1).array, x.min().item(), x.argmax(axis: 1).array, x.isFinite.array)",
        prints: "[3.0, 6.0] 1.0 [2, 2] [[1, 1, 1], [1, 1, 1]]"),
      Example(
        "print(Tensor([3, 4]).norm().item(), Tensor([1, 3]).std().item() > 1.41, x.detach().shape, x.is_finite.shape)",
        prints: "5.0 true [2, 3] [2, 3]"),
      Example("for row in x { print(row.array) }", prints: "[1.0, 2.0, 3.0]\n[4.0, 5.0, 6.0]"),
    ])
  func members(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "functions of tensors",
    arguments: [
      Example("print(matmul(x, x.T).array)", prints: "[[14.0, 32.0], [32.0, 77.0]]"),
      Example(
        "print(relu(-x).sum().item(), sigmoid(zeros(1)).item(), tanh(zeros(1)).item(), gelu(zeros(1)).item(), elu(zeros(1)).item())",
        prints: "0.0 0.5 0.0 0.0 0.0"),
      Example("print(leakyRelu(Tensor([-2, 2]), 0.5).array)", prints: "[-1.0, 2.0]"),
      Example(
        "print(softmax(zeros(1, 2), axis: -1).array, logSoftmax(x).shape, log_softmax(x, axis: 0).shape)",
        prints: "[[0.5, 0.5]] [2, 3] [2, 3]"),
      Example(
        "print(pow(x[0], 2).array, clip(x[0], 0, 2).array, select(x[0] > 1, x[0], 0 * x[0]).array)",
        prints: "[1.0, 4.0, 9.0] [1.0, 2.0, 2.0] [0.0, 2.0, 3.0]"),
      Example(
        "print(concat([x, x], axis: 0).shape, stack([x, x]).shape, cat([x, x]).shape, allClose(x, x), allclose(x, 2 * x))",
        prints: "[4, 3] [2, 2, 3] [4, 3] true false"),
      Example("print(accuracy(Tensor([[1, 2], [3, 1]]), Tensor([1, 1])).item())", prints: "0.5"),
    ])
  func functions(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "kinds of number join, and one element is a number or a truth",
    arguments: [
      Example("print((x + x.to(.float64)).dtype)", prints: ".float64"),
      Example("print((x + Tensor([1], dtype: .int64)).dtype)", prints: ".float32"),
      Example("print((x > 2).dtype, (x == 2).array)", prints: ".int64 [[0, 1, 0], [0, 0, 0]]"),
      Example("if Tensor([1]) > 0 { print(Double(Tensor([4])) + 0.5) }", prints: "4.5"),
      Example(
        "print(0.5 * x[0], 2 - x[0], 6 / x[0])",
        prints:
          "Tensor([0.5, 1.0, 1.5], shape: [3], float32) Tensor([1.0, 0.0, -1.0], shape: [3], float32) Tensor([6.0, 3.0, 2.0], shape: [3], float32)"
      ),
    ])
  func kinds(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "PyTorch's habits are answered with the line to write",
    arguments: [
      Refusal("x.backward()", says: "gradient(of: loss, wrt: model)"),
      Refusal("x.grad", says: "gradient(of: loss, wrt: w)"),
      Refusal("x.view(2)", says: "x.reshape"), Refusal("x.size", says: "x.shape[0]"),
      Refusal("x.numpy()", says: "x.array"), Refusal("x.sum(dim: 0)", says: "axis: 0"),
      Refusal("x.abs()", says: "abs(x)"), Refusal("x.pow(2)", says: "pow(x, 2)"),
      Refusal("[x, x].mean()", says: "stack(tensors).mean()"),
      Refusal("print(f\"{x}\")", says: "is Python"),
      Refusal("print(\"%.2f\" % 3.0)", says: "String(format:"),
      Refusal("for name, g in [\"a\": 1] { print(name) }", says: "for (name, g) in"),
      Refusal("MetaLinear(1, 1).summary()", says: "leave the `()` out"),
      Refusal("0.1 * [\"a\": 1.0]", says: "mapValues"),
      Refusal(
        "func f() -> [String: Tensor] { [1] }; f()", says: "`f` is declared to give `[String: Tensor]`"),
      Refusal("x[ones(3) > 0]", says: "a mask of shape [3] does not fit the axes [2]"),
      Refusal("x.double()", says: "x.to(.float64)"), Refusal("torch.zeros(2)", says: "global names"),
      Refusal("Adam().zero_grad()", says: "leave the line out"),
      Refusal("if x { print(1) }", says: "must be a Bool"),
      Refusal("x + zeros(4, 5)", says: "[4, 5]"),
    ])
  func habits(refusal: Refusal) { refusal.check(after: Self.preamble) }

  @Test("a session starts at seed 0, and each draw without a seed advances it")
  func seeds() {
    Example(
      "let a = randn(2); let b = randn(2); seed(0); print(allClose(a, b), allClose(a, randn(2)), allClose(b, randn(2)))",
      prints: "false true true"
    ).check()
    Example(
      "let a = MetaLinear(2, 2); randn(3, seed: 5); let b = MetaLinear(2, 2); seed(0); print(allClose(a.weight, MetaLinear(2, 2).weight), allClose(b.weight, MetaLinear(2, 2).weight))",
      prints: "true true"
    ).check()
  }
}
