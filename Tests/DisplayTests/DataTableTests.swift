import Display
import Foundation
import JSONCoding
import TestSupport
import Testing

@Suite("Tables")
struct DataTableTests {
  let adaptation = DataTable(
    [
      .init("step", [0, 1, 2]), .init("train (support)", [3.81234, 0.512, 0.00123]),
      .init("accuracy", [nil, 0.6, 0.85]), .init("kind", ["before", nil, "後"]),
      .init("best", [false, false, true]),
    ], note: "transductive: batch norm sees the query set")

  @Test("text is aligned, numbers flush right")
  func text() throws {
    try expectSnapshot(adaptation.text(), "Display/table-small.txt")
  }

  @Test("long tables show their ends and say how long they are")
  func long() throws {
    let table = DataTable([
      .init("step", Array(0..<12_500)), .init("loss", (0..<12_500).map { 1 / Double($0 + 1) }),
    ])
    try expectSnapshot(table.text(), "Display/table-long.txt")
    try expectSnapshot(table.html(), "Display/table-long.html")
    #expect(table.csv().split(separator: "\n").count == 12_501)
  }

  @Test("columns that do not fit are left out, with a note")
  func narrow() throws {
    let table = DataTable((0..<30).map { .init("column \($0)", [Double($0) * 1.5]) })
    let text = table.text(width: 60)
    try expectSnapshot(text, "Display/table-narrow.txt")
    #expect(text.split(separator: "\n").allSatisfy { TextWidth.columns(String($0)) <= 60 })
    #expect(table.text(width: 60, unicode: false).utf8.allSatisfy { $0 < 0x80 })
  }

  @Test("headers are broken at spaces and after points before a column is left out")
  func brokenHeaders() {
    let table = DataTable([
      .init("step", [0, 1]), .init("test (query) loss", [2.25, 0.5]),
      .init("moved layer1.linear.weight", [0.0, 0.25]),
    ])
    #expect(
      table.text(width: 30).split(separator: "\n") == [
        "                 moved", "         test  layer1.", "      (query)  linear.",
        "step     loss   weight", "   0     2.25     0.00", "   1     0.50     0.25",
      ])
    #expect(table.text(width: 60).split(separator: "\n").count == 3)
    #expect(table.html().contains("<th>moved layer1.<wbr>linear.<wbr>weight</th>"))
  }

  @Test("a table of thousands of columns is cut to what fits")
  func wide() {
    let table = DataTable((0..<5000).map { .init("c\($0)", [$0]) })
    #expect(table.text(width: 80).contains("5,000 columns, of which"))
    #expect(table.html().utf8.count < 10_000)
  }

  @Test("names from users are shown as text in HTML and in terminals")
  func escaped() throws {
    let table = DataTable(
      [.init("<script>alert('x')</script>", ["a & b", "\u{1B}[31mred\nsecond", "\"q\""])], note: "<b>")
    try expectSnapshot(table.html(), "Display/table-escaped.html")
    #expect(!table.html().contains("<script"))
    #expect(!table.html().contains("<b>"))
    #expect(!table.text().contains("\u{1B}"))
    #expect(table.text().split(separator: "\n").count == 5)
  }

  @Test("CSV numbers read back exactly, missing cells are empty and text is quoted where it must be")
  func csv() {
    let table = DataTable([
      .init("a,b", [0.1, nil, .nan]), .init("n", [1, -2, nil]), .init("s", ["x\"y", "", nil]),
      .init("t", [true, nil, false]),
    ])
    #expect(table.csv() == "\"a,b\",n,s,t\n0.1,1,\"x\"\"y\",true\n,-2,\"\",\nnan,,,false\n")
  }

  @Test("JSON has one array a column, null where there is no number")
  func json() {
    let table = DataTable([.init("loss", [0.5, nil, .infinity]), .init("loss", [1, 2, 3])])
    let expected: JSONValue = ["loss": [0.5, .null, .null], "loss 2": [1, 2, 3]]
    #expect(table.json() == expected)
  }

  @Test("mixed cells become the narrowest type that holds them")
  func mixed() {
    #expect(DataTable.Column("c", cells: [.integer(1), .double(0.5)]).values == .doubles([1, 0.5]))
    #expect(DataTable.Column("c", cells: [.integer(1), .missing]).values == .integers([1, nil]))
    #expect(DataTable.Column("c", cells: [.integer(1), .string("x")]).values == .strings(["1", "x"]))
    #expect(DataTable.Column("c", cells: [.boolean(true), .integer(3)]).values == .strings(["true", "3"]))
    #expect(DataTable.Column("c", cells: [.missing]).values == .doubles([nil]))
  }

  @Test("columns are found by name and end in missing cells where they are short")
  func access() {
    let table = DataTable([.init("a", [1, 2, 3]), .init("b", ["x"])])
    #expect(table["b"]?.cells == [.string("x"), .missing, .missing])
    #expect(table["c"] == nil)
    #expect(table[1, "a"] == .integer(2))
    #expect(table[-1, "a"] == .missing)
    #expect(table[3, "a"] == .missing)
    #expect(table["a"]?.numbers == [1, 2, 3])
  }

  @Test("empty tables show something")
  func empty() {
    #expect(DataTable([]).text() == "(an empty table)")
    #expect(DataTable([.init("a", [Int]())]).text() == "a")
    #expect(DataTable([]).csv() == "\n")
    #expect(DataTable([.init("a", [Int]())]).html().contains("<th>a</th>"))
  }

  @Test("saving goes by the extension and replaces the file whole")
  func save() throws {
    try withTemporaryFolder { folder in
      let table = DataTable([.init("a", [1, 2])])
      let path = folder + "/t.csv"
      try "old".write(toFile: path, atomically: true, encoding: .utf8)
      try table.save(path)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "a\n1\n2\n")
      try table.save(folder + "/t.JSON")
      #expect(try String(contentsOfFile: folder + "/t.JSON", encoding: .utf8) == "{\"a\":[1,2]}\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["t.JSON", "t.csv"])
    }
  }

  @Test(
    "saving says what is wrong",
    arguments: [
      ("t.xls", "unknown extension .xls; use one of .csv, .json"),
      ("t", "the name needs an extension, one of .csv, .json"),
      (".csv", "the name needs an extension, one of .csv, .json"),
      ("missing/t.csv", "its folder cannot be written: No such file or directory"),
      ("folder.csv", "it is a folder"),
    ])
  func saveErrors(name: String, reason: String) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/folder.csv", withIntermediateDirectories: false)
      let error = #expect(throws: SaveError.self) { try DataTable([]).save(folder + "/" + name) }
      #expect(error?.reason == reason)
    }
  }

  @Test("the bundle has text and HTML, and fits a terminal")
  func bundle() {
    let bundle = adaptation.mimeBundle
    #expect(Array(bundle.data.keys) == ["text/plain", "text/html"])
    #expect(bundle.terminalText(TerminalStyle(width: 30)).contains("columns, of which"))
    #expect(bundle.terminalText(TerminalStyle(colour: true)).contains("\u{1B}[1m"))
  }
}
