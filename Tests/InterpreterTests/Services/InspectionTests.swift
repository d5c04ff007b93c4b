import Display
import Interpreter
import Testing

@Suite("Inspection and help")
struct InspectionTests {
  let session = ServicesSession(
    after: "let box = Box(2)\nlet name = \"<script>\"",
    "/// Doubles a number.\nfunc double(_ x: Double, times n: Int = 2) -> Double { x * 2 }")

  @Test("the name under or before the cursor is described")
  func names() {
    for text in ["pri|nt(1)", "print|(1)", "|print(1)", "let x = print| + 1"] {
      #expect(session.inspect(text)?.contains("print(_ items: Any...") == true, "\(text)")
    }
    #expect(session.inspect("box|")?.hasPrefix("    let box: Box") == true)
    #expect(
      session.inspect("double|")?.contains("func double(_ x: Double, times n: Int = 2) -> Double") == true)
    #expect(session.inspect("double|")?.contains("Doubles a number.") == true)
    #expect(session.inspect("nothing|") == nil)
    #expect(session.inspect("|") == nil)
  }

  @Test("members are found through the type of what is before the dot")
  func members() {
    #expect(session.inspect("box.ha|lf")?.contains("Box.half: Double") == true)
    #expect(session.inspect("Box(1).getScaled|()")?.contains("getScaled(numTimes: Int = 2) -> Box") == true)
    #expect(session.inspect("[1].first|")?.contains("Array.first") == true)
    #expect(session.inspect("f(.me|an)")?.contains("Reduction.mean") == true)
  }

  @Test("inside arguments, the function being called is described")
  func calls() {
    #expect(session.inspect("print(1, |)")?.contains("print(_ items") == true)
    #expect(session.inspect("print(\"a|b\")")?.contains("print(_ items") == true)
    #expect(session.inspect("reduceBoxes(|")?.contains("reduceBoxes(") == true)
    #expect(session.inspect("reduceBoxes(box, red|uction: .mean)")?.contains("one of .mean, .sum") == true)
  }

  @Test("the full level adds formula, parameters, example and value")
  func levels() {
    let brief = session.inspect("sin|") ?? ""
    let full = session.inspect("sin|", .full) ?? ""
    #expect(!brief.contains("Formula"))
    #expect(full.contains("Formula: sin x") && full.contains("Example"))
    #expect(session.inspect("box|", .full)?.contains("Half of it.") == true)
    #expect(session.inspect("name|", .full)?.contains("\"<script>\"") == true)
  }

  @Test("HTML escapes what users and values say")
  func escaping() throws {
    let bundle = Inspector(registry: session.registry, snapshot: session.snapshot).inspect(
      "name", at: 4, detail: .full)
    guard case .text(let html)? = bundle?[MIMEType.html] else {
      Issue.record("no HTML")
      return
    }
    #expect(html.contains("&lt;script&gt;"))
    #expect(!html.contains("<script>"))
  }

  @Test("a cell that is only a question is recognised")
  func questions() {
    #expect(Inspector.question(in: "MAML?") == "MAML")
    #expect(Inspector.question(in: " box.half ? ") == "box.half")
    #expect(Inspector.question(in: "?print") == "print")
    #expect(Inspector.question(in: "help(print)") == "print")
    for text in ["x ? 1 : 2", "print(1)", "", "?", "1?", "help()", "f(x)?"] {
      #expect(Inspector.question(in: text) == nil, "\(text)")
    }
  }

  @Test("help pages are found by dotted name")
  func pages() {
    let pages = HelpPages(registry: session.registry, snapshot: session.snapshot)
    #expect(pages.page(for: "box.half")?.plain.contains("Half of it.") == true)
    #expect(pages.page(for: "Reduction")?.plain.contains(".mean  the mean") == true)
    #expect(pages.page(for: "outer_loss")?.plain.contains("outerLoss(") == true)
    #expect(pages.page(for: "nonsense") == nil)
    #expect(pages.overview().plain.contains("print"))
  }

  @Test("help(…) and name? show a page")
  func help() {
    #expect(ProgramRunner.displayed("help(print)").contains("print(_ items"))
    #expect(ProgramRunner.displayed("print?").contains("print(_ items"))
    #expect(ProgramRunner.displayed("help([1])").contains("Array"))
  }
}

extension ProgramRunner {
  /// What a cell displayed, as plain text.
  static func displayed(_ source: String) -> String {
    LargeStackThread.run {
      let sink = MemorySink()
      _ = Evaluator(registry: registry()).run(.init(name: "cell", text: source), output: sink)
      return sink.displays.map(\.bundle.plainText).joined(separator: "\n")
    }
  }
}
