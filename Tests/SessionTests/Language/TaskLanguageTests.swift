import TestSupport
import Testing

@Suite("the language's description: tasks")
struct TaskLanguageTests {
  private static let preamble = """
    let x = randn(5, 1, seed: 1)
    let y = randn(5, 1, seed: 2)
    let task = Task(train: (x, y), test: (x, y))
    let tasks = Sinusoid(shots: 5, testShots: 7, seed: 3)
    let labels = Tensor((0..<60).map { $0 % 10 }, dtype: .int64)
    """

  @Test(
    "tasks, batches and sources of tasks",
    arguments: [
      Example(
        "let b = Batch([task, task]); print(b[0].train.inputs.shape, b.test.targets.shape, b.count, b[\"train\"].inputs.shape)",
        prints: "[5, 1] [2, 5, 1] 2 [2, 5, 1]"),
      Example("let (a, b) = task.train; print(a.shape, b.shape)", prints: "[5, 1] [5, 1]"),
      Example("print(task.support.inputs.shape, task.query.targets.shape)", prints: "[5, 1] [5, 1]"),
      Example(
        "let s = Sinusoid(shots: 10, testShots: 15, metaSplit: .train, seed: 0)[2]; print(allClose(s.train.targets, s.amplitude * sin(s.train.inputs - s.phase), rtol: 1e-4, atol: 1e-4), s.test.inputs.shape)",
        prints: "true [15, 1]"),
      Example(
        "let s = Sinusoid(num_samples_per_task: 20, shots: 5); print(s[0].train.count, s[0].test.count)",
        prints: "5 15"),
      Example("print(allClose(tasks[3].train.inputs, tasks[3].train.inputs))", prints: "true"),
      Example(
        "let other = Sinusoid(metaSplit: .val, seed: 3); let a = (0..<100).map { tasks[$0].amplitude }; print((0..<100).filter { a.contains(other[$0].amplitude) }.count)",
        prints: "0"),
      Example(
        "print(tasks.batch(25, from: 0).count, allClose(tasks.batch(2, from: 3)[1].train.inputs, tasks[4].train.inputs))",
        prints: "25 true"),
      Example(
        "var n = 0; for b in tasks.batches(of: 25) { n += 1; if n == 3 { print(allClose(b[1].train.inputs, tasks[51].train.inputs)); break } }",
        prints: "true"),
      Example("var n = 0; for b in tasks.batches(of: 2).prefix(4) { n += b.count }; print(n)", prints: "8"),
      Example(
        "let t = Tasks(seed: 0) { i in Task(train: (randn(2, 1), y[0..<2]), test: (x * i, y)) }; print(allClose(t[1].train.inputs, t[1].train.inputs), allClose(t[1].train.inputs, t[2].train.inputs))",
        prints: "true false"),
      Example(
        "let c = ClassTasks(arange(60).unsqueeze(1), labels, ways: 5, shots: 1, testShots: 3)[0]; let used = c.train.inputs.flatten().array + c.test.inputs.flatten().array; print(c.train.targets.array, c.test.count, used.count, used.filter { u in used.filter { $0 == u }.count > 1 }.count)",
        prints: "[0, 1, 2, 3, 4] 15 20 0"),
      Example(
        "print(tasks.count == nil, ClassTasks(ones(60, 1), labels, ways: 2, testShots: 1).classes)",
        prints: "true [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"),
      Example(
        "let c = ClassTasks(arange(60).unsqueeze(1), labels, ways: 8, testShots: 1, sampler: .combinations); let (a, b) = c.samples; print(c.count!, a.shape, b.max().item(), c[0].train.targets.array)",
        prints: "45 [60, 1] 9 [0, 1, 2, 3, 4, 5, 6, 7]"),
      Example(
        "let t = ClassSplitter((arange(60).unsqueeze(1), labels), shots: 2, testShots: 3, seed: 1); let w = WeightedClassSplitter((arange(60).unsqueeze(1), labels), train: 0.5, test: 0.2, seed: 1); print(t.train.count, t.test.count, w.train.count, w.test.count)",
        prints: "20 30 30 10"),
      Example(
        "let c = ConcatTask([task, tasks[0], task]); print(c.train.count, c.test.count, SubsetTask(c, train: [4, 5], test: [0]).test.count, SubsetTask(c).train.count)",
        prints: "15 17 1 15"),
      Example(
        "let g = Glyphs(ways: 20, shots: 1, testShots: 1, classes: 10, class_augmentations: [Rotation([90, 180, 270]), HorizontalFlip()]); print(g[0].train.inputs.shape, allClose(g[1].test.inputs, g[1].test.inputs), Rotation(90))",
        prints: "[20, 1, 28, 28] true Rotation([90])"),
    ])
  func tasks(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "domains",
    arguments: [
      Example(
        "let d = Domains([\"0\": (x, y), \"15\": (x, y)], batchSize: 64, seed: 0); let parts = d.leavingOut(\"15\"); print(d.names, parts.source.names, parts.target.names)",
        prints: "[\"0\", \"15\"] [\"0\"] [\"15\"]"),
      Example(
        "let (first, rest) = Domains([\"0\": (x, y)]).split(0.6); print(first.names, first.count, rest.names)",
        prints: "[\"0\"] 1 [\"0\"]"),
      Example("print(Domains([(x, y), (x, y)]).names)", prints: "[\"0\", \"1\"]"),
      Example(
        "print(RotatedGlyphs(classes: 2, angles: [0, 30], perClass: 2).names)", prints: "[\"0\", \"30\"]"),
    ])
  func domains(example: Example) { example.check(after: Self.preamble) }

  @Test("tasks from the rows of a file")
  func tables() throws {
    try withTemporaryFolder { folder in
      let file = "\(folder)/rows.csv"
      Example(
        """
        table(["city": ["a", "a", "a", "b", "b", "b", "a", "b"], "x": [1.0, 2, 3, 4, 5, 6, 7, 8], "y": [1, 2, 3, 4, 5, 6, 7, 8], "k": ["u", "v", "u", "u", "v", "v", "v", "u"]]).save("\(file)")
        let c = CSVTasks("\(file)", task: "city", inputs: ["x"], targets: ["y"], shots: 2, testShots: 2)
        let b = c[1]
        print((b.train.inputs.flatten().array + b.test.inputs.flatten().array).sorted(), allClose(b.train.inputs, b.train.targets))
        let k = CSVTasks(readCSV("\(file)"), task: "city", inputs: ["x", "y"], targets: ["k"], shots: 1, testShots: 1)
        print(k[0].train.inputs.shape, k[0].train.targets)
        """,
        prints: "[4.0, 5.0, 6.0, 8.0] true\n[2, 2] Tensor([0, 1], shape: [2], int64)"
      ).check()
      Refusal(
        "CSVTasks(\"\(folder)/none.csv\", task: \"c\", inputs: [\"x\"], targets: [\"y\"])",
        says: "No such file"
      ).check()
      Refusal(
        "CSVTasks(\"\(file)\", task: \"ciyt\", inputs: [\"x\"], targets: [\"y\"])",
        says: "did you mean \"city\"?"
      ).check()
      Refusal(
        "CSVTasks(\"\(file)\", task: \"city\", inputs: [\"x\"], targets: [\"y\"], shots: 9)",
        says: "fewer than 14"
      ).check()
    }
  }

  @Test(
    "what is no task is refused",
    arguments: [
      Refusal("Task(train: (x, zeros(3)), test: (x, y))", says: "different numbers of samples"),
      Refusal("Task(train: x, test: y)", says: "pair `(inputs, targets)`"),
      Refusal("Task(train: (x, y)).test", says: "no test (query) set"),
      Refusal("tasks[-1]", says: "no task -1"), Refusal("tasks.batches(of: 0)", says: "at least one task"),
      Refusal("tasks.batches(25)", says: "write `of: 25`"),
      Refusal("ClassTasks(ones(60, 1), labels, ways: 5, shots: 1, testShots: 15)", says: "has 6 samples"),
      Refusal("ClassTasks(ones(60, 1), labels, ways: 11)", says: "11 ways"),
      Refusal("Rotation([0])", says: "angles that change an image"),
      Refusal(
        "ClassTasks(ones(60, 1), labels, testShots: 1, classAugmentations: [VerticalFlip()])",
        says: "float images [n, …, height, width]"),
      Refusal("Domains([\"0\": (x, y)]).leavingOut(\"1\")", says: "no domain \"1\""),
      Refusal("SubsetTask(task, train: [5])", says: "no sample 5; they are 0..<5"),
      Refusal("ConcatTask([])", says: "there are no tasks"),
      Refusal("ClassSplitter((arange(60), labels), shots: 6, testShots: 1)", says: "class 0 has 6 samples"),
      Refusal("ClassSplitter((x, y))", says: "int64"),
      Refusal(
        "WeightedClassSplitter((arange(60), labels), train: 0.7, test: 0.7)", says: "at most 1 together"),
      Refusal("Domains([\"0\": (x, y)]).split(1.5)", says: "between 0 and 1, not 1.5"),
      Refusal("Sinusoid(frequency: 2...)", says: "both its bounds"),
      Refusal("Sinusoid(frequency: -1...1)", says: "above 0"),
      Refusal("FashionMNIST(\"/nowhere\")", says: "dataset-fashion-mnist"),
      Refusal("OmniglotChallenge(\"/nowhere\")", says: "one-shot-classification"),
      Refusal("Omniglot(\"/nowhere\", metaSplit: .val, vinyalsSplit: false)", says: "vinyalsSplit: true"),
    ])
  func refusals(refusal: Refusal) { refusal.check(after: Self.preamble) }
}
