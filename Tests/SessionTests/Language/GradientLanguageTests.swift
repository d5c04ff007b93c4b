import Testing

@Suite("the language's description: gradients")
struct GradientLanguageTests {
  @Test(
    "gradients have the structure of what they are asked for",
    arguments: [
      Example(
        "let w = Parameter(Tensor([1, 2])); print(gradient(of: (w * w).sum(), wrt: w, createGraph: false).array)",
        prints: "[2.0, 4.0]"),
      Example(
        "let w = Parameter(Tensor([1, 2])); let h = 2 * w; print(gradient(of: (h * h).sum(), wrt: [w, h]).map { $0.array })",
        prints: "[[8.0, 16.0], [4.0, 8.0]]"),
      Example(
        "let w = Parameter(ones(1)); print(gradient(of: (3 * w).sum(), wrt: [\"a\": w])[\"a\"]!.array)",
        prints: "[3.0]"),
      Example(
        "let m = MetaLinear(2, 1, seed: 1); print(gradient(of: m(ones(1, 2)).sum(), wrt: m).mapValues { $0.array })",
        prints: "[\"weight\": [[1.0, 1.0]], \"bias\": [1.0]]"),
      Example(
        "let w = Parameter(ones(1)); let g = gradient(of: (w * w * w).sum(), wrt: w, create_graph: true); print(gradient(of: g.sum(), wrt: w).item())",
        prints: "6.0"),
    ])
  func structure(example: Example) { example.check() }

  @Test(
    "derivatives at a point",
    arguments: [
      Example("print(gradient(at: Tensor([1, 2])) { x in (x * x).sum() }.array)", prints: "[2.0, 4.0]"),
      Example("print(gradient(at: 3) { x in x * x }.item())", prints: "6.0"),
      Example(
        "let r = valueWithGradient(at: Tensor([1, 2])) { ($0 * $0).sum() }; print(r.value.item(), r.gradient.array)",
        prints: "5.0 [2.0, 4.0]"),
      Example(
        "print(hessian(at: Tensor([1, 2])) { x in pow(x, 3).sum() }.array, hessian(at: ones(2, 2)) { $0.sum() }.shape)",
        prints: "[[6.0, 0.0], [0.0, 12.0]] [2, 2, 2, 2]"),
      Example(
        "let t = checkGradient(at: Tensor([1, 2]), order: 2) { x in exp(x).sum() }; print(t.columns[0], t.count, t[\"relative\"].max()! < 1e-6)",
        prints: "order 2 true"),
    ])
  func points(example: Example) { example.check() }

  @Test("plain tensors, noGrad and detach are constants, and a note says what was not reached")
  func constants() {
    let answer = LanguageRunner()(
      "let w = Parameter(ones(2)); print(gradient(of: (noGrad { w * 2 } + w.detach()).sum(), wrt: w).array)")
    #expect(answer.printed == "[0.0, 0.0]\n")
    #expect(answer.warned.contains("the loss does not depend on what `wrt:` names: the gradient is zero"))
  }

  @Test(
    "what is no gradient is refused",
    arguments: [
      Refusal("checkGradient(at: Tensor([1, 2])) { x in (x.detach() * x).sum() }", says: "disagree"),
      Refusal("gradient(of: Parameter(ones(2)) * 2, wrt: ones(2))", says: "one number"),
      Refusal("gradient(of: ones(1), wrt: 3)", says: "`wrt:` takes parameters"),
    ])
  func refusals(refusal: Refusal) { refusal.check() }

  @Test(
    "optimizers step in place",
    arguments: [
      Example(
        "let w = Parameter(ones(2)); SGD(lr: 0.5).step(w, loss: (w * w).sum()); print(w.array)",
        prints: "[0.0, 0.0]"),
      Example(
        "let w = Parameter(ones(1)); let s = SGD(lr: 0.25); s.step([w], gradients: [ones(1)]); s.step([\"a\": w], gradients: [\"a\": ones(1)]); print(w.array, s.stepCount)",
        prints: "[0.5] 2"),
      Example(
        "let w = Parameter(ones(1)); let s = SGD(lr: { i in i == 0 ? 0.5 : 0.25 }); s.step(w, gradients: ones(1)); s.step(w, gradients: ones(1)); print(w.array)",
        prints: "[0.25]"),
      Example(
        "let m = MetaLinear(1, 1, seed: 1); let b = m.bias.item(); Adam(lr: 0.001, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0).step(m, loss: m(zeros(1, 1)).sum()); print(abs(b - m.bias.item() - 0.001) < 1e-6)",
        prints: "true"),
    ])
  func optimizers(example: Example) { example.check() }

  @Test(
    "losses",
    arguments: [
      Example(
        "print(mse(ones(2), zeros(2)).item(), mse(ones(2), zeros(2), reduction: .sum).item(), mse(ones(2), zeros(2), reduction: .none).array)",
        prints: "1.0 2.0 [1.0, 1.0]"),
      Example(
        "print(abs(cross_entropy(zeros(1, 1), [0]).item()), crossEntropy(zeros(2, 2), Tensor([0, 1]), reduction: .none).shape)",
        prints: "0.0 [2]"),
    ])
  func losses(example: Example) { example.check() }

  @Test(
    "losses refuse what does not fit",
    arguments: [
      Refusal("mse(ones(2, 1), zeros(2))", says: "[2, 1] and [2] must be equal"),
      Refusal("crossEntropy(zeros(2, 3), Tensor([0.5, 1]))", says: "whole numbers"),
      Refusal("mse(ones(2), zeros(2), reduction: .median)", says: "did you mean `.mean`?"),
    ])
  func lossRefusals(refusal: Refusal) { refusal.check() }
}
