import Diagnostics
import Interpreter
import Testing

@Suite("Standard library")
struct LibraryTests {
  /// Expressions with what a notebook shows for them.
  static let results: [(String, String)] = [
    // numbers
    ("sin(0)", "0.0"), ("exp(1) == 2.718281828459045", "true"), ("sqrt(2) * sqrt(2) > 1.99", "true"),
    ("abs(-3)", "3"),
    ("abs(-2.5)", "2.5"), ("floor(-2.5)", "-3.0"), ("round(2.5)", "3.0"), ("pow(2, 10)", "1024.0"),
    ("min(3, 1.5, 2)", "1.5"), ("max(\"a\", \"b\")", "\"b\""), ("pi > 3.14159", "true"), ("Int(3.9)", "3"),
    ("Int(-3.9)", "-3"), ("Int(\"42\")", "42"), ("Int(\"4x\")", "nil"), ("Int(\"ff\", radix: 16)", "255"),
    ("Double(\"1e-3\")", "0.001"), ("Double(3)", "3.0"), ("Int.max", "9223372036854775807"),
    ("Double.pi == pi", "true"),
    ("(2.6).rounded()", "3.0"), ("6.isMultiple(of: 3)", "true"), ("log(-1).isNaN", "true"),
    // strings
    ("\"héllo\".count", "5"), ("\"a,b,,c\".split(separator: \",\")", "[\"a\", \"b\", \"c\"]"),
    ("\"a,,b\".components(separatedBy: \",\").count", "3"), ("\" a b  c \".split()", "[\"a\", \"b\", \"c\"]"),
    ("\"conv.weight\".hasPrefix(\"conv\")", "true"), ("\"abc\".contains(\"bc\")", "true"),
    ("\"abc\".reversed()", "\"cba\""), ("\"abc\".uppercased()", "\"ABC\""),
    ("\"a.b\".replacingOccurrences(of: \".\", with: \"/\")", "\"a/b\""),
    ("String(repeating: \"ab\", count: 3)", "\"ababab\""), ("String(255, radix: 16)", "\"ff\""),
    ("\"abc\".map { $0 + \"!\" }", "[\"a!\", \"b!\", \"c!\"]"), ("\"abc\".prefix(2)", "\"ab\""),
    ("\"abc\".first ?? \"\"", "\"a\""),
    // arrays
    ("[3, 1, 2].sorted()", "[1, 2, 3]"), ("[3, 1, 2].sorted { $0 > $1 }", "[3, 2, 1]"),
    ("[1, 2, 3].map { $0 * 2 }", "[2, 4, 6]"),
    ("[1, 2, 3].filter { $0 > 1 }", "[2, 3]"), ("[1, 2, 3].reduce(0) { $0 + $1 }", "6"),
    ("[1, 2].first", "1"),
    ("[1, 2, 3].first { $0 > 1 }", "2"), ("[1, 2, 3].first(where: { $0 > 5 })", "nil"), ("[1, 2].last", "2"),
    ("[1, 2, 3].last { $0 < 3 }", "2"),
    ("[].isEmpty", "true"), ("[1, 2].contains(2)", "true"), ("[1, 2].contains { $0 > 2 }", "false"),
    ("[\"a\", \"b\"].joined(separator: \"-\")", "\"a-b\""), ("[1, 5, 3].max()", "5"), ("[].min()", "nil"),
    ("[1, 2, 3].dropFirst()", "[2, 3]"), ("[1, 2, 3].prefix(2)", "[1, 2]"), ("[1, 2, 3].suffix(2)", "[2, 3]"),
    ("[1, 2, 3].reversed()", "[3, 2, 1]"), ("zip([1, 2], [\"a\", \"b\", \"c\"])", "[(1, \"a\"), (2, \"b\")]"),
    ("[\"a\"].enumerated()", "[(offset: 0, element: \"a\")]"), ("Array(repeating: 0, count: 3)", "[0, 0, 0]"),
    ("Array(0..<3)", "[0, 1, 2]"), ("[[1], [2, 3]].flatMap { $0 }", "[1, 2, 3]"),
    ("[[1], [2]].joined()", "[1, 2]"),
    ("[1, 2].firstIndex(of: 2)", "1"), ("[\"1\", \"x\"].compactMap { Int($0) }", "[1]"),
    ("[1, 2].allSatisfy { $0 > 0 }", "true"), ("[\"bb\", \"a\"].min { $0.count < $1.count }", "\"a\""),
    ("stride(from: 0, to: 1, by: 0.25)", "[0.0, 0.25, 0.5, 0.75]"),
    ("stride(from: 5, through: 1, by: -2)", "[5, 3, 1]"),
    // dictionaries
    ("[\"b\": 1, \"a\": 2].keys", "[\"b\", \"a\"]"), ("[\"a\": 2].mapValues { $0 * 2 }", "[\"a\": 4]"),
    ("[\"a\": 1].count", "1"),
    ("[\"a\": 1, \"b\": 2].filter { $0.value > 1 }", "[\"b\": 2]"),
    ("Dictionary(uniqueKeysWithValues: zip([\"x\", \"y\"], [1, 2]))", "[\"x\": 1, \"y\": 2]"),
    ("Dictionary(grouping: [1, 2, 3]) { $0 % 2 }", "[1: [1, 3], 0: [2]]"),
    ("[\"a\": 1].merging([\"a\": 5, \"b\": 6]) { old, new in new }", "[\"a\": 5, \"b\": 6]"),
    // ranges
    ("(0..<5).map { $0 * $0 }", "[0, 1, 4, 9, 16]"), ("(1...3).contains(3)", "true"),
    ("(0.5...1.5).contains(1)", "true"),
    ("(0..<5).count", "5"), ("(1...4).reduce(1) { $0 * $1 }", "24"), ("(3...).prefix(2)", "[3, 4]"),
    // others
    ("type(of: [1, 2])", "[Int]"), ("type(of: 1.5)", "Double"),
    ("json([\"a\": [1, 0.1, nil], \"b\": true])", "\"{\\\"a\\\": [1.0, 0.1, null], \\\"b\\\": true}\""),
    ("json(0.1 + 0.2)", "\"0.30000000000000004\""), ("json(Double.nan)", "\"null\""),
    ("json(\"\\n\\u{1}\")", "\"\\\"\\\\n\\\\u0001\\\"\""),
    ("measure(repeat: 3) { 1 + 1 }.median >= 0", "true"),
  ]

  @Test("expressions give what Swift users expect", arguments: results)
  func expression(_ source: String, _ expected: String) {
    let result = ProgramRunner.run(source)
    #expect(result.value == expected, "\(source) \(result.firstMessage)")
  }

  static let problems: [(String, String)] = [
    ("Int(1e300)", "integer-overflow"), ("Int(Double.nan)", "integer-overflow"),
    ("abs(Int.min)", "integer-overflow"),
    ("Array(repeating: 0, count: 1000000000000)", "too-large"),
    ("Array(repeating: 0, count: -1)", "invalid-argument"),
    ("String(repeating: \"ab\", count: Int.max)", "too-large"), ("Array(0..<Int.max)", "too-large"),
    ("(0...).map { $0 }", "endless-sequence"), ("stride(from: 0, to: 1, by: 0)", "invalid-argument"),
    ("stride(from: 0, to: 1e300, by: 1e-300)", "too-large"),
    ("stride(from: Int.min, through: Int.max, by: 1)", "too-large"),
    ("var a = [1]\na.remove(at: 1)", "index-out-of-range"), ("var a = []\na.removeLast()", "empty-array"),
    ("[1].joined()", "type-mismatch"), ("[1, \"a\"].sorted()", "type-mismatch"),
    ("assert(1 > 2, \"no\")", "assertion-failed"),
    ("Dictionary(uniqueKeysWithValues: [(1, 2), (1, 3)])", "invalid-argument"), ("json({ $0 })", "not-json"),
    ("readCSV(\"/no/such/file.csv\")", "unreadable-file"), ("readCSV(\"/tmp\")", "unreadable-file"),
    ("String(format: \"%d\", 1.5)", "bad-format"), ("\"a\".split(separator: \"\")", "invalid-argument"),
    ("Int(\"1\", radix: 99)", "invalid-argument"), ("measure(repeat: 0) { 1 }", "invalid-argument"),
    ("[1, 2].prefix(-1)", "invalid-argument"), ("\"a\".dropFirst(-1)", "invalid-argument"),
  ]

  @Test("what cannot be done is a diagnostic at its place, never a trap", arguments: problems)
  func problem(_ source: String, _ id: String) {
    let result = ProgramRunner.run(source)
    #expect(result.ids == [id], "\(source) \(result.firstMessage)")
    #expect(result.diagnostics.first?.span != nil)
  }

  @Test("arrays and dictionaries change in place")
  func changes() {
    let result = ProgramRunner.run(
      """
      var a = [3, 1]
      a.append(2)
      a.append(contentsOf: [9, 8])
      a.sort()
      a.insert(0, at: 0)
      a.swapAt(0, 1)
      a.remove(at: 2)
      a.removeAll { $0 == 9 }
      let b = a
      a.removeLast()
      var d = ["x": 1]
      d["y"] = 2
      d.removeValue(forKey: "x")
      d.merge(["z": 3]) { old, new in new }
      print(a, b, d, separator: " | ")
      """)
    #expect(result.output == "[1, 0, 3] | [1, 0, 3, 8] | [\"y\": 2, \"z\": 3]\n", "\(result.firstMessage)")
  }

  @Test("print joins with separator and ends with terminator")
  func printing() {
    let result = ProgramRunner.run(
      "print(1, \"a\", 2.0, separator: \"-\", terminator: \"!\")\nprint()\nprint(\"hello, world\")")
    #expect(result.output == "1-a-2.0!\nhello, world\n")
  }

  @Test("AnyIterator and lazy sequences make elements when asked")
  func iterators() {
    let result = ProgramRunner.run(
      """
      var n = 0
      let odd = AnyIterator {
        n += 1
        return 2 * n - 1
      }
      for (i, x) in odd.prefix(3).enumerated() { print(i, x) }
      for (i, x) in zip(10..., ["a", "b"]) { print(i, x) }
      """)
    #expect(result.output == "0 1\n1 3\n2 5\n10 a\n11 b\n", "\(result.firstMessage)")
  }

  @Test("an endless loop through the library ends when interrupted")
  func interrupt() {
    let counter = Counter()
    let results = ProgramRunner.run(
      ["AnyIterator { 1 }.reduce(0) { $0 + $1 }"], isInterrupted: { counter.next() > 5_000 })
    #expect(results[0].ids == ["interrupted"])
  }
}
