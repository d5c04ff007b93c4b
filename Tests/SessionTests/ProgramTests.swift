import Testing

@Suite("programs of the whole language")
struct ProgramTests {
  let run = LanguageRunner()

  @Test("the oracle by hand: second-order meta-gradient")
  func secondOrderOracle() {
    let answer = run(
      """
      struct Model: MetaModule {
          let w = Parameter(Tensor([2, 3, 5]))
          func forward(_ x: Tensor) -> Tensor { (w * x).sum() }
      }
      let loss = { y, t in 0.5 * y * y }
      let task = Task(train: (Tensor([1, 2, 3]), zeros(3)), test: (Tensor([4, 5, 6]), zeros(3)))
      let second = MAML(Model(), stepSize: 0.5, lossFunction: loss)
      let o = second.outerLoss(Batch([task]))
      print(second.adapt(task).params["w"]!.array, o.gradients["w"]!.array)
      let swapped = Task(train: (Tensor([4, 5, 6]), zeros(3)), test: (Tensor([1, 2, 3]), zeros(3)))
      let first = FOMAML(Model(), stepSize: 0.5, lossFunction: loss)
      print(first.outerLoss(Batch([swapped])).gradients["w"]!.array)
      """)
    #expect(answer.errors == [])
    #expect(
      answer.printed == """
        [-9.5, -20.0, -29.5] [3780.0, 8505.0, 13230.0]
        [-825.0, -1650.0, -2475.0]

        """)
  }

  @Test("gradientUpdateParameters takes a number, a tensor or a dictionary")
  func gradientUpdate() {
    let answer = run(
      """
      let model = MetaLinear(2, 1, bias: false)
      model.load(["weight": Tensor([[1, 2]])])
      let x = Tensor([[3, 4]])
      func update(_ stepSize: Any) { gradient_update_parameters(model, model(x).sum(), step_size: stepSize)["weight"]!.array }
      print(update(0.5), update(Tensor(0.5)), update(["weight": Tensor(0.5)]), update(["weight": Tensor([[0.5, 1]])]))
      """)
    #expect(answer.errors == [])
    #expect(
      answer.printed == "[[-0.5, 0.0]] [[-0.5, 0.0]] [[-0.5, 0.0]] [[-0.5, -2.0]]\n")
  }

  @Test("a closure that looks at numbers is run task by task, with equal results")
  func taskLoop() {
    let answer = run(
      """
      let tasks = Sinusoid(shots: 5, seed: 3)
      let model = ModelMLPSinusoid(seed: 1).to(.float64)
      func data(_ s: Any) { (s.inputs.to(.float64), s.targets.to(.float64)) }
      let batch = Batch((0..<4).map { i in Task(train: data(tasks[i].train), test: data(tasks[i].test)) })
      let plain = MAML(model, stepSize: 0.01, lossFunction: { p, t in mse(p, t) }).outerLoss(batch)
      let looking = MAML(model, stepSize: 0.01, lossFunction: { p, t in
          let loss = mse(p, t)
          if loss.item() < 0 { return 2 * loss }
          return loss
      }).outerLoss(batch)
      let a = Tensor(plain.outerLosses, dtype: .float64)
      let b = Tensor(looking.outerLosses, dtype: .float64)
      assert((a - b).norm().item() < 1e-12)
      for (name, g) in plain.gradients { assert((g - looking.gradients[name]!).norm().item() < 1e-12, name) }
      """)
    #expect(answer.errors == [])
  }

  @Test("a struct model is adapted through nested modules and arrays of them")
  func structModel() {
    let answer = run(
      """
      struct Block: MetaModule {
          let linear: MetaLinear
          init(_ a: Int, _ b: Int) { linear = MetaLinear(a, b, seed: 1) }
          func forward(_ x: Tensor) -> Tensor { relu(linear(x)) }
      }
      struct Net: MetaModule {
          let layers = [Block(1, 8), Block(8, 8)]
          let head = MetaLinear(8, 1, seed: 2)
          func forward(_ x: Tensor) -> Tensor {
              var h = x
              for layer in layers { h = layer(h) }
              return head(h)
          }
      }
      let net = Net()
      print(net.metaNamedParameters().keys)
      let maml = MAML(net, optimizer: Adam(lr: 0.01), stepSize: 0.01)
      let tasks = Sinusoid(shots: 10)
      let h = maml.train(tasks.batches(of: 4), maxBatches: 3)
      print(h.count, maml.iteration, net(tasks[0].train.inputs, params: maml.adapt(tasks[0]).params).shape)
      """)
    #expect(answer.errors == [])
    #expect(
      answer.printed == """
        ["layers.0.linear.weight", "layers.0.linear.bias", "layers.1.linear.weight", "layers.1.linear.bias", "head.weight", "head.bias"]
        3 3 [10, 1]

        """)
  }

  @Test(
    "what goes wrong ends the cell with a diagnostic, and the session lives on",
    arguments: [
      "zeros(2, 3) + zeros(4, 5)", "matmul(zeros(2, 3), zeros(2, 3))", "9223372036854775807 + 1", "1 / 0",
      "[1, 2][5]",
      "loadTensors(\"/nowhere/x.safetensors\")", "func f(_ n: Int) -> Int { f(n + 1) }\nf(0)", "zeros(3)[7]",
      "MetaLinear(1, 2)(zeros(3, 4))", "Tensor([[1, 2], [3]])", "zeros(100000, 100000, 100000)",
      "MetaLinear(-1, 2)",
      "mse(zeros(3), zeros(3, 1))", "gradient(of: zeros(3), wrt: zeros(3))", "Sinusoid()[-1]",
      "zeros(2).reshape(3)",
      "Batch([])", "MAML(ReLU())", "oneHot(Tensor([7], dtype: .int64), 5)", "full([2], \"x\")", "nil!",
    ])
  func failures(program: String) {
    let run = LanguageRunner()
    run("let kept = 42")
    let answer = run(program)
    #expect(answer.result.ending == .failed)
    #expect(answer.errors.isEmpty == false)
    #expect(answer.errors.allSatisfy { !$0.isEmpty })
    #expect(run("kept").value == "42")
  }
}
