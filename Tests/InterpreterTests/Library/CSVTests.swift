import Foundation
import Interpreter
import Testing

@Suite("readCSV")
struct CSVTests {
  /// Runs `body` of the language with `FILE` standing for a file with this content.
  func run(_ content: String, _ source: String) throws -> CellResult {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "innerloop-\(UUID().uuidString).csv")
    try Data(content.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return ProgramRunner.run(source.replacing("FILE", with: "\"\(file.path)\""))
  }

  @Test("columns have the narrowest type that fits")
  func types() throws {
    let content =
      "\u{FEFF}n,x,flag,name,gap\r\n1,0.5,true,\"a, \"\"b\"\"\",\r\n2,1e3,false,\"two\nlines\",7\r\n"
    let result = try run(
      content,
      "let t = readCSV(FILE)\nprint(t[\"n\"], t[\"x\"], t[\"flag\"], t[\"name\"], t[\"gap\"], t.count)")
    #expect(
      result.output == "[1, 2] [0.5, 1000.0] [true, false] [\"a, \\\"b\\\"\", \"two\\nlines\"] [nil, 7] 2\n",
      "\(result.firstMessage)")
  }

  @Test("rows are dictionaries")
  func rows() throws {
    let result = try run("a,b\n1,x\n\n2,y\n", "for row in readCSV(FILE) { print(row[\"a\"]!, row[\"b\"]!) }")
    #expect(result.output == "1 x\n2 y\n", "\(result.firstMessage)")
  }

  @Test(
    "malformed files are named with their line",
    arguments: [
      ("", "malformed-file", ":1:"), ("a,b\n1,2\n3\n", "malformed-file", ":3:"),
      ("a\n\"open\n", "malformed-file", ":2:"),
      ("a,a\n1,2\n", "malformed-file", ":1:"), ("a\n\"x\"y\n", "malformed-file", ":2:"),
    ])
  func malformed(_ content: String, _ id: String, _ place: String) throws {
    let result = try run(content, "readCSV(FILE)")
    #expect(result.ids == [id])
    #expect(result.firstMessage.contains(place), "\(result.firstMessage)")
  }

  @Test("an unknown column lists what there is")
  func unknownColumn() throws {
    let result = try run("loss,step\n1,2\n", "readCSV(FILE)[\"los\"]")
    #expect(result.ids == ["unknown-column"])
    #expect(result.firstMessage.contains("did you mean “loss”?"))
  }
}
