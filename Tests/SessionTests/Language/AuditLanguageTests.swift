import Foundation
import TestSupport
import Testing

@Suite("audit in the language")
struct AuditLanguageTests {
  /// A program whose last line audits, and the leaks with their lines in it.
  struct Planted: Sendable, CustomTestStringConvertible {
    let program: String
    let found: [String]
    var testDescription: String { program }

    init(_ program: String, _ found: String...) {
      self.program = program
      self.found = found
    }
  }

  private static let model = """
    let model = ModelMLPSinusoid(seed: 1)
    let maml = MAML(model, optimizer: Adam())
    let x = randn(60, 4, seed: 1); let labels = Tensor((0..<60).map { $0 % 10 }, dtype: .int64)

    """

  @Test(
    "each planted leak is found, with its line",
    arguments: [
      Planted(
        model + "let a = Sinusoid()\nlet b = Sinusoid(shots: 5)\naudit(maml, train: a, test: b)",
        "repeated-seed cell:5"),
      Planted(
        model + "let t = Tasks { i in\n  Task(train: (x, labels), test: (x, labels)) }\naudit(maml, t)",
        "shared-samples cell:4"),
      Planted(
        model
          + "let a = ClassTasks(x, labels, ways: 2, testShots: 2, metaSplit: .train)\nlet b = ClassTasks(\n  x, labels, ways: 2, testShots: 2,\n  metaSplit: .test, seed: 1)\naudit(maml, [\"a\": a, \"b\": b])",
        "shared-classes cell:5"),
      Planted(
        model
          + "let two = concat([x, x], axis: 0)\nlet b = ClassTasks(two, concat([labels, labels], axis: 0), ways: 2, testShots: 2)\naudit(maml, b).table.columns; audit(model, b)",
        "shared-samples cell:5", "duplicate-samples cell:5"),
      Planted(
        """
        struct Net: MetaModule {
          let a = MetaLinear(4, 8, seed: 3)
          let norm = MetaBatchNorm1d(8)
          let b = MetaLinear(4, 8, seed: 3)
          func forward(_ x: Tensor) -> Tensor { norm(a(x)) + b(x) }
        }
        let net = Net()
        audit(MAML(net))
        """, "batch-statistics cell:3", "repeated-seed cell:4"),
      Planted(
        "let model = ModelConvOmniglot(5, seed: 1)\naudit(model.copy())", "batch-statistics cell:2"),
      Planted(
        "let model = ModelConvOmniglot(5, seed: 1)\naudit(FOMAML(model))", "batch-statistics cell:1"),
      Planted(
        model
          + "let d = RotatedGlyphs(classes: 3, perClass: 2)\nlet (s, t) = d.leavingOut(\"15\")\naudit(ERM(model), train: d, test: t)",
        "shared-samples cell:5"),
    ])
  func planted(_ example: Planted) {
    let run = LanguageRunner()
    let lines = example.program.split(separator: "\n", omittingEmptySubsequences: false)
    let last = lines.last?.split(separator: ";").last ?? ""
    let program =
      lines.dropLast().joined(separator: "\n")
      + "\nlet found =\(last.hasPrefix(" ") ? "" : " ")\(last)\nfor i in 0..<found.count { print(found.leaks[i], found.table[\"place\"][i]) }"
    let answer = run(program)
    #expect(answer.errors == [])
    #expect(answer.printed.split(separator: "\n").map(String.init) == example.found)
    let shown = run("found").value ?? ""
    #expect(shown.contains("^~"), "the line is shown: \(shown)")
    #expect(shown.contains("\(example.found.count) leak"))
  }

  @Test(
    "clean set-ups have none, and it says what was looked at",
    arguments: [
      "audit(maml, Sinusoid())", "audit(maml, train: Sinusoid(), test: Sinusoid(metaSplit: .test))",
      "audit(maml, train: Harmonic(), val: Harmonic(metaSplit: .val), test: Harmonic(metaSplit: .test))",
      "audit(maml, train: SinusoidAndLine(), test: SinusoidAndLine(metaSplit: .test))",
      "audit(maml, train: Glyphs(ways: 2), val: Glyphs(ways: 2, metaSplit: .val), test: Glyphs(ways: 2, metaSplit: .test))",
      "audit(model, train: ClassTasks(x, labels, ways: 2, testShots: 2, metaSplit: .train), test: ClassTasks(x, labels, ways: 2, testShots: 2, metaSplit: .test))",
      "audit(ERM(model), RotatedGlyphs(classes: 3, perClass: 2))",
      "let (s, t) = RotatedGlyphs(classes: 3, perClass: 2).leavingOut(\"15\")\naudit(MLDG(model), train: s, test: t)",
      "audit(maml)",
    ])
  func clean(_ program: String) {
    let answer = LanguageRunner()(Self.model + program)
    #expect(answer.errors == [])
    #expect(
      answer.value?.hasPrefix("no leak found: looked at the model: 9 modules") == true,
      "\(answer.value ?? "")")
  }

  @Test(
    "Omniglot's splits are clean",
    .enabled(
      if: SharedFiles.url("data/omniglot/images_background.zip") != nil,
      Comment(rawValue: SharedFiles.missing)))
  func omniglot() throws {
    let root = try #require(SharedFiles.url("data/omniglot")).path
    let answer = LanguageRunner()(
      "let r = \"\(root)\"\nprint(audit(ModelMLPSinusoid(), train: Omniglot(r, metaSplit: .val, imageSize: 14), test: Omniglot(r, metaSplit: .test, imageSize: 14)).isClean)"
    )
    #expect(answer.errors == [] && answer.printed == "true\n")
  }

  @Test("rows of a table that are there twice, and one table for two sets")
  func tables() throws {
    try withTemporaryFolder { folder in
      let clean = (0..<3).flatMap { task in (0..<10).map { "\(task),\($0),\($0 * task + task)" } }
      for (name, rows) in [("clean", clean), ("twice", clean + clean)] {
        try "city,x,y\n\(rows.joined(separator: "\n"))\n".write(
          toFile: "\(folder)/\(name).csv", atomically: true, encoding: .utf8)
      }
      func leaks(_ sets: String) -> String {
        LanguageRunner()(
          Self.model
            + """
            func set(_ name: String, _ seed: Int = 0) -> Tasks {
              CSVTasks("\(folder)/" + name + ".csv", task: "city", inputs: ["x"], targets: ["y"], seed: seed)
            }
            let r = audit(maml, \(sets))
            print(r.leaks, r.count == 0 ? "" : r.table["place"][0])
            """
        ).printed
      }
      #expect(leaks("set(\"clean\")") == "[] \n")
      #expect(leaks("set(\"twice\")") == "[\"shared-samples\"] cell:5\n")
      #expect(leaks("train: set(\"clean\"), test: set(\"clean\", 3)") == "[\"shared-tasks\"] cell:5\n")
    }
  }

  @Test("one image in two folders of classes, and in two parts")
  func images() throws {
    try withTemporaryFolder { folder in
      var files: [String: Data] = [:]
      for number in 0..<24 {
        let part = number < 12 ? "train" : "test"
        files["clean/\(part)/c\(number / 3)/\(number).png"] = PNGFile.square(4, [UInt8(10 * number)])
      }
      for (path, data) in files { files["mixed" + path.dropFirst(5)] = data }
      files["mixed/train/c0/0.png"] = files["mixed/train/c1/3.png"]
      files["mixed/test/c4/12.png"] = files["mixed/train/c2/6.png"]
      try PNGFile.write(files, in: folder)
      for (name, found) in [("clean", "[]"), ("mixed", "[\"duplicate-samples\", \"shared-classes\"]")] {
        let answer = LanguageRunner()(
          Self.model
            + """
            let a = ImageFolder("\(folder)/\(name)", ways: 2, testShots: 1, imageSize: 4, channels: 1, inMemory: false)
            let b = ImageFolder("\(folder)/\(name)", ways: 2, testShots: 1, imageSize: 4, channels: 1, metaSplit: .test)
            print(audit(maml, train: a, test: b, numTasks: 1).leaks)
            """)
        #expect(answer.errors == [])
        #expect(answer.printed.contains(found), "\(name): \(answer.printed)")
      }
    }
  }

  @Test(
    "what it refuses",
    arguments: [
      Refusal("audit(3)", says: "a learner or a model first"),
      Refusal("audit(maml, 3)", says: "task sets or Domains, not an Int"),
      Refusal("audit(maml, Sinusoid().batches(of: 3))", says: "not batches of them"),
      Refusal(
        "audit(maml, train: Sinusoid(), test: Domains([\"a\": (x, labels)]))", says: "not at both at once"),
      Refusal("audit(maml, Sinusoid(), numTasks: 0)", says: "1 to 10,000 tasks"),
      Refusal("audit(maml, trian: Sinusoid())", says: "did you mean `train:`?"),
    ])
  func refusals(_ refusal: Refusal) { refusal.check(after: Self.model) }
}
