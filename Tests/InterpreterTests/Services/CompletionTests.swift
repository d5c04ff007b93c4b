import Foundation
import Interpreter
import Testing

@Suite("Completion")
struct CompletionTests {
  let session = ServicesSession(
    after: "let box = Box(2)\nlet params = [\"conv.weight\": 1, \"conv.bias\": 2]\nvar losses = [0.5, 0.25]",
    "/// Doubles.\nfunc double(_ x: Double, times n: Int = 2) -> Double { x * 2 }",
    "struct Point { var x = 1.0; var y = 2.0; func length() -> Double { sqrt(x * x + y * y) } }\nlet p = Point()"
  )

  @Test("a plain prefix gives exactly the names that begin with it")
  func names() {
    #expect(session.texts("pri|") == ["print"])
    #expect(session.texts("readP|") == ["readPassword"])
    #expect(session.texts("PRIN|") == ["print"])
    #expect(session.texts("los|") == ["losses"])
    #expect(session.texts("doub|") == ["double", "Double"])
    #expect(session.texts("retu|") == ["return"])
  }

  @Test("members of variables come from the registry and from structs")
  func members() {
    #expect(session.texts("box.h|") == ["half"])
    #expect(Set(session.texts("box.|")).isSuperset(of: ["half", "content", "getScaled"]))
    #expect(!session.texts("box.|").contains("callAsFunction"))
    #expect(session.texts("p.|") == ["length", "x", "y"])
    #expect(session.texts("losses.fir|") == ["first", "firstIndex"])
    #expect(session.texts("print(losses.ma|") == ["map", "max"])
  }

  @Test("types are inferred through constructors, members and locals of unfinished code")
  func inference() {
    #expect(session.texts("Box(3).ha|") == ["half"])
    #expect(session.texts("let b = Box(1)\nif true {\n  b.ha|") == ["half"])
    #expect(session.texts("box.getScaled(numTimes: 3).ha|") == ["half"])
    #expect(session.texts("func f(_ b: Box) {\n  let c = b\n  c.ha|") == ["half"])
    #expect(session.texts("struct A {\n  var side = 1.0\n  func area() -> Double { self.si|") == ["side"])
    #expect(session.texts("let s = \"a\" + \"b\"\ns.upp|") == ["uppercased"])
    #expect(session.texts("for i in 0..<3 { let k = 1.5\nk.rou|") == ["rounded"])
  }

  @Test("names in scope end with their block")
  func scope() {
    #expect(session.texts("func f(_ alpha: Int) {\n  alp|") == ["alpha"])
    #expect(session.texts("func f(_ alpha: Int) { }\nalp|") == [])
    #expect(session.texts("xs.map { item in ite|") == ["item"])
    #expect(session.texts("for index in 0..<3 {\n  ind|") == ["index"])
    #expect(session.texts("if let found = x {\n  fou|") == ["found"])
    #expect(session.texts("let later = lat|") == [])
  }

  @Test("argument labels come first, without those given")
  func labels() {
    #expect(session.texts("reduceBoxes(box, red|").first == "reduction:")
    #expect(session.texts("print(1, sep|") == ["separator:"])
    #expect(!session.texts("print(1, separator: \"\", |").contains("separator:"))
    #expect(session.texts("double(1, ti|") == ["times:"])
    #expect(session.texts("box(1, pl|") == ["plus:"])
    #expect(session.texts("box.getScaled(num|") == ["numTimes:"])
  }

  @Test("cases after a dot follow the parameter's type")
  func cases() {
    #expect(session.texts("reduceBoxes(box, reduction: .|") == ["mean", "sum"])
    #expect(session.texts("reduceBoxes(box, reduction: .s|") == ["sum"])
    #expect(session.texts("Reduction.m|") == ["mean"])
    #expect(session.texts("let r: Reduction = .su|") == ["sum"])
  }

  @Test("strings complete keys of a dictionary, and elsewhere paths")
  func strings() throws {
    #expect(session.texts("params[\"conv.|") == ["conv.bias", "conv.weight"])
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "innerloop-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("data"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data().write(to: folder.appendingPathComponent("data.csv"))
    let result = session.complete("readCSV(\"\(folder.path)/da|")
    #expect(result.matches.map(\.text) == ["data.csv", "data/"])
    #expect(result.cursorEnd - result.cursorStart == 2)
  }

  @Test("there is nothing to offer in comments, numbers and new names")
  func nothing() {
    for text in ["// pri|", "/* pri|", "let pri|", "func pri|", "12|", "1.5|", "x.unknown.|"] {
      #expect(session.texts(text) == [], "\(text)")
    }
  }

  @Test("cursor positions count code points")
  func codePoints() {
    let result = session.complete("let 日本👍🏽 = 1; pri|")
    #expect(result.cursorStart == 14)
    #expect(result.cursorEnd == 17)
    #expect(result.matches.map(\.text) == ["print"])
  }

  @Test("every match has a kind and, where it is known, a type")
  func types() {
    #expect(session.complete("losse|").matches.first?.detail == "[Double]")
    #expect(session.complete("box.hal|").matches.first?.detail == "Double")
    #expect(session.complete("prin|").matches.first?.kind == .function)
    #expect(
      session.complete("doubl|").matches.first?.detail == "double(_ x: Double, times n: Int = 2) -> Double")
  }

  @Test("no prefix of a program, however broken, is crashed on")
  func everyPrefix() {
    let program =
      "struct A: Model { let x = [1, 2]\n func f(_ y: Int = 2) -> Int { if let z = y { return z[\"a\\(x.map { $0 }\"].b(c: .d, ) } } } ) ] 🎉 .. ..< guard let"
    var text = ""
    for scalar in program.unicodeScalars {
      text.unicodeScalars.append(scalar)
      let length = text.unicodeScalars.count
      let result = Completer(registry: session.registry, snapshot: session.snapshot).complete(
        text, at: length)
      #expect(result.cursorEnd == length && result.cursorStart <= length)
      _ = Inspector(registry: session.registry, snapshot: session.snapshot).inspect(
        text, at: length / 2, detail: .full)
      _ = Completeness(of: text)
    }
    #expect(session.complete(String(repeating: "(", count: 20_000) + "pri|").cursorEnd == 20_003)
  }
}
