import Testing

/// A program and what it prints.
struct Printing: Sendable, CustomTestStringConvertible {
  let name: String
  let source: String
  let output: String

  init(_ name: String, _ source: String, _ output: String) {
    self.name = name
    self.source = source
    self.output = output
  }

  var testDescription: String { name }
}

@Suite("Programs print what Swift would print")
struct SyntaxTests {
  static let programs: [Printing] = [
    // declarations and literals
    Printing("let and var", "let a = 1\nvar b = a + 1\nb += 2\nprint(a, b)", "1 4\n"),
    Printing(
      "tuple patterns", "let (a, b) = (1, \"x\")\nvar (c, _) = (2, 3)\nc += 1\nprint(a, b, c)", "1 x 3\n"),
    Printing("swapping by tuple", "var a = 1\nvar b = 2\n(a, b) = (b, a)\nprint(a, b)", "2 1\n"),
    Printing("discarding", "_ = 3\nprint(4)", "4\n"),
    Printing("number literals", "print(1_000, 0xff, 0b101, 0o17, 1.5e3, -2)", "1000 255 5 15 1500.0 -2\n"),
    Printing("Bool and nil", "print(true, false, nil)", "true false nil\n"),
    Printing("strings", #"print("a\tb\u{41}\"\\")"#, "a\tbA\"\\\n"),
    Printing(
      "interpolation", #"let x = 3; print("x is \(x) and \(x * 2 + 1), \([1, 2])")"#, "x is 3 and 7, [1, 2]\n"
    ),
    Printing("nested interpolation", ##"print("a\("b\(1 + 1)")c")"##, "ab2c\n"),
    Printing(
      "multi-line strings", "let s = \"\"\"\n  one\n    two\\\n   three \\(1 + 1)\n  \"\"\"\nprint(s)",
      "one\n  two three 2\n"),
    Printing("raw strings", ##"print(#"a\n\(b)"#)"##, "a\\n\\(b)\n"),
    Printing("arrays", "print([1, 2, 3], [], [1, 2.5], [\"a\"])", "[1, 2, 3] [] [1.0, 2.5] [\"a\"]\n"),
    Printing(
      "empty typed literals", "var a = [Int]()\na.append(1)\nlet d = [String: Int]()\nprint(a, d)",
      "[1] [:]\n"),
    Printing("typed array initializer", "print([Double](repeating: 0.5, count: 2))", "[0.5, 0.5]\n"),
    Printing(
      "dictionaries keep order", "let d = [\"b\": 1, \"a\": 2]\nprint(d, d[\"b\"]!, d[\"x\"])",
      "[\"b\": 1, \"a\": 2] 1 nil\n"),
    Printing("tuples", "let t = (1, name: \"x\")\nprint(t, t.0, t.name)", "(1, name: \"x\") 1 x\n"),
    Printing("ranges", "print(0..<3, 1...2, (0..<3).contains(2))", "0..<3 1...2 true\n"),
    Printing(
      "number takes annotated type",
      "let x: Double = 1\nlet v: [Double] = [1, 2]\nlet d: [String: Double] = [\"a\": 1]\nprint(x, v, d)",
      "1.0 [1.0, 2.0] [\"a\": 1.0]\n"),
    Printing(
      "variable of Doubles stays so",
      "var x = 0.5\nx = 3\nprint(x / 2)\nvar y: Double = 1\ny = 4\nprint(y / 8)", "1.5\n0.5\n"),
    Printing(
      "parameters and results take annotated types",
      "func f(_ x: Double) -> Double { x / 2 }\nfunc g() -> Double { 3 }\nprint(f(3), g())", "1.5 3.0\n"),
    // operators
    Printing(
      "arithmetic", "print(1 + 2 * 3, (1 + 2) * 3, 7 / 2, 7 % 3, -7 / 2, 1 + 0.5, 2 * 1.5)",
      "7 9 3 1 -3 1.5 3.0\n"),
    Printing(
      "comparison and logic",
      "print(1 < 2, 2 <= 1, 1 == 1.0, \"a\" < \"b\", [1] == [1], (1, 2) < (1, 3), !true || false && true)",
      "true false true true true true false\n"),
    Printing(
      "short circuit", "func f() -> Bool { print(\"f\"); return true }\nprint(false && f(), true || f())",
      "false true\n"),
    Printing(
      "ternary and nil coalescing",
      "let x: Int? = nil\nprint(x ?? 5, x == nil ? \"none\" : \"some\", 1 > 2 ? 1 : 2)", "5 none 2\n"),
    Printing("unary", "let x = 3\nprint(-x, +x, !(x == 3), -(-x))", "-3 3 false 3\n"),
    Printing("compound assignment", "var x = 10\nx += 1; x -= 2; x *= 3; x /= 2; x %= 5\nprint(x)", "3\n"),
    Printing(
      "strings and arrays add", "var s = \"a\" + \"b\"\ns += \"c\"\nvar a = [1] + [2]\na += [3]\nprint(s, a)",
      "abc [1, 2, 3]\n"),
    Printing("bit operators", "print(6 & 3, 6 | 1, 6 ^ 2, 1 << 4, 16 >> 2)", "2 7 4 16 4\n"),
    // control flow
    Printing(
      "if and else", "let x = 2\nif x == 1 { print(1) } else if x == 2 { print(\"two\") } else { print(3) }",
      "two\n"),
    Printing(
      "if let",
      "let a: Int? = 3\nlet b: Int? = nil\nif let a { print(a) }\nif let c = b { print(c) } else { print(\"nil\") }\nif let a, a > 2 { print(\"both\") }",
      "3\nnil\nboth\n"),
    Printing(
      "guard",
      "func f(_ x: Int?) -> Int { guard let x, x > 0 else { return -1 }; return x }\nprint(f(nil), f(0), f(5))",
      "-1 -1 5\n"),
    Printing(
      "while and repeat", "var i = 0\nwhile i < 3 { i += 1 }\nrepeat { i += 10 } while i < 20\nprint(i)",
      "23\n"),
    Printing(
      "for over everything",
      "for i in 0..<2 { print(i) }\nfor x in [5, 6] { print(x) }\nfor (k, v) in [\"a\": 1] { print(k, v) }\nfor c in \"hé\" { print(c) }\nfor (i, x) in [7, 8].enumerated() { print(i, x) }",
      "0\n1\n5\n6\na 1\nh\né\n0 7\n1 8\n"),
    Printing(
      "for with where, break, continue",
      "for i in 0..<10 where i % 2 == 0 { if i == 2 { continue }; if i > 6 { break }; print(i) }", "0\n4\n6\n"
    ),
    Printing(
      "labelled loops",
      "outer: for i in 0..<3 { for j in 0..<3 { if j == 1 { continue outer }; if i == 2 { break outer }; print(i, j) } }",
      "0 0\n1 0\n"),
    Printing(
      "strides",
      "for i in stride(from: 0, to: 6, by: 3) { print(i) }\nfor x in stride(from: 1.0, through: 0.0, by: -0.5) { print(x) }",
      "0\n3\n1.0\n0.5\n0.0\n"),
    Printing(
      "one-sided ranges",
      "let a = [1, 2, 3, 4]\nprint(a[1...], a[..<2], a[...2], a[1..<3])\nfor i in 3... { if i > 4 { break }; print(i) }",
      "[2, 3, 4] [1, 2] [1, 2, 3] [2, 3]\n3\n4\n"),
    Printing(
      "switch",
      """
      func f(_ x: Int) -> String {
        switch x {
        case 0: return "zero"
        case 1, 2: return "small"
        case 3..<10: return "medium"
        case let n where n < 0: return "negative \\(n)"
        default: return "large"
        }
      }
      print(f(0), f(2), f(9), f(-4), f(10))
      """, "zero small medium negative -4 large\n"),
    Printing(
      "switch over tuples, strings, cases",
      """
      for p in [(0, 0), (1, 0), (0, 2), (3, 4)] {
        switch p {
        case (0, 0): print("origin")
        case (let x, 0): print("x", x)
        case (0, let y): print("y", y)
        case let (x, y): print(x + y)
        }
      }
      switch "b" { case "a", "b": print("ab"); default: print("no") }
      let r: Reduction = .sum
      switch r { case .mean: print("mean"); case .sum: print("sum"); default: break }
      switch 1 { case 1: print("one"); fallthrough; case 2: print("two"); default: print("d") }
      """, "origin\nx 1\ny 2\n7\nab\nsum\none\ntwo\n"),
    Printing(
      "if and switch as values",
      "let x = 3\nlet s = if x > 2 { \"big\" } else { \"small\" }\nfunc f(_ x: Int) -> Int { switch x { case 0: 10; default: 20 } }\nprint(s, f(0), f(1))",
      "big 10 20\n"),
    Printing(
      "if case", "let p: Int? = 3\nif case let x? = p { print(x) }\nif case 1...5 = 3 { print(\"in\") }",
      "3\nin\n"),
    Printing("defer", "func f() { defer { print(\"end\") }; print(\"body\"); return }\nf()", "body\nend\n"),
    // functions and closures
    Printing(
      "labels and defaults",
      "func f(_ a: Int, by b: Int = 2, c: Int = 3) -> Int { a * 100 + b * 10 + c }\nprint(f(1), f(1, by: 5), f(1, c: 9), f(1, c: 7, by: 8))",
      "123 153 129 187\n"),
    Printing(
      "recursion", "func fib(_ n: Int) -> Int { n < 2 ? n : fib(n - 1) + fib(n - 2) }\nprint(fib(15))",
      "610\n"),
    Printing(
      "mutual recursion",
      "func even(_ n: Int) -> Bool { n == 0 ? true : odd(n - 1) }\nfunc odd(_ n: Int) -> Bool { n == 0 ? false : even(n - 1) }\nprint(even(10))",
      "true\n"),
    Printing("used above its declaration", "print(f())\nfunc f() -> Int { 7 }", "7\n"),
    Printing(
      "variadic parameters",
      "func f(_ xs: Int..., scale: Int = 1) -> Int { xs.reduce(0) { $0 + $1 } * scale }\nprint(f(1, 2, 3), f(), f(4, scale: 2))",
      "6 0 8\n"),
    Printing(
      "closures",
      "let f = { (x: Int) -> Int in x * 2 }\nlet g = { $0 + $1 }\nlet h = { x, y in x - y }\nprint(f(3), g(1, 2), h(5, 1))",
      "6 3 4\n"),
    Printing(
      "trailing closures",
      "print([1, 2, 3].map { $0 * 2 }, [1, 2, 3].filter { x in x > 1 })\nprint([3, 1].reduce(0, +))",
      "[2, 4, 6] [2, 3]\n4\n"),
    Printing(
      "closures capture by reference",
      "var n = 0\nlet inc = { n += 1 }\ninc(); inc()\nprint(n)\nfunc counter() -> () -> Int { var c = 0; return { c += 1; return c } }\nlet a = counter()\nlet b = counter()\nprint(a(), a(), b())",
      "2\n1 2 1\n"),
    Printing(
      "each loop pass has its own variable",
      "var fs = [() -> Int]()\nfor i in 0..<3 { fs.append({ i * 10 }) }\nprint(fs.map { $0() })",
      "[0, 10, 20]\n"),
    Printing(
      "local functions call each other",
      "func f(_ n: Int) -> Int {\n  var total = 0\n  func a(_ k: Int) { if k > 0 { total += k; b(k - 1) } }\n  func b(_ k: Int) { if k > 0 { total += 100; a(k - 1) } }\n  a(n)\n  return total\n}\nprint(f(4))",
      "206\n"),
    Printing(
      "tuples come apart in closures",
      "print([(1, 2), (3, 4)].map { a, b in a * b }, [\"k\": 5].map { key, value in \"\\(key)\\(value)\" })",
      "[2, 12] [\"k5\"]\n"),
    Printing(
      "functions as values",
      "func twice(_ f: (Int) -> Int, _ x: Int) -> Int { f(f(x)) }\nprint(twice({ $0 + 3 }, 1))\nlet p = print\np(9)",
      "7\n9\n"),
    Printing(
      "shadowing",
      "let x = 1\nfunc f() -> Int { let x = x + 1; return x }\nif true { let x = 10; print(x) }\nprint(f(), x)",
      "10\n2 1\n"),
    // structs
    Printing(
      "memberwise structs",
      "struct P { var x: Double; var y = 2.0 }\nlet p = P(x: 1)\nprint(p, p.x + p.y, P(y: 5, x: 4))",
      "P(x: 1.0, y: 2.0) 3.0 P(x: 4.0, y: 5.0)\n"),
    Printing(
      "structs are values",
      "struct P { var x = 0; var a = [1] }\nvar p = P()\nvar q = p\nq.x = 5\nq.a.append(2)\nq.a[0] += 10\nprint(p, q)",
      "P(x: 0, a: [1]) P(x: 5, a: [11, 2])\n"),
    Printing(
      "methods and computed properties",
      "struct P { var x = 1.0\n  var double: Double { x * 2 }\n  var half: Double { get { x / 2 } set { x = newValue * 2 } }\n  func plus(_ d: Double) -> Double { x + d + double }\n}\nvar p = P(x: 3)\np.half = 10\np.half += 1\nprint(p.double, p.half, p.plus(1))",
      "44.0 11.0 67.0\n"),
    Printing(
      "mutating and self",
      "struct C { var n = 0\n  mutating func inc(by d: Int = 1) -> Int { n += d; self.n += 0; return n }\n  mutating func reset() { self = C() }\n}\nvar c = C()\nprint(c.inc(), c.inc(by: 5), c.n)\nc.reset()\nprint(c)",
      "1 6 6\nC(n: 0)\n"),
    Printing(
      "init",
      "struct P { let x: Int; var y: Int\n  init(_ v: Int) { x = v; self.y = v * 2; bump() }\n  mutating func bump() { y += 1 }\n}\nprint(P(4))",
      "P(x: 4, y: 9)\n"),
    Printing(
      "several inits",
      "struct P { var x: Int\n  init(a: Int) { x = a }\n  init(b: Int) { self.x = b * 10 }\n}\nprint(P(a: 1), P(b: 1))",
      "P(x: 1) P(x: 10)\n"),
    Printing(
      "static members",
      "struct P { static let zero = P(x: 0)\n  static var count = 1\n  var x: Int\n  static func make(_ n: Int) -> P { count += n; return P(x: count) }\n}\nprint(P.zero, P.make(4), P.count)\nP.count += 1\nprint(P.count)",
      "P(x: 0) P(x: 5) 5\n6\n"),
    Printing(
      "structs inside structs",
      "struct A { var n = [\"k\": [1, 2]] }\nstruct B { var a = A() }\nvar b = B()\nlet c = b\nb.a.n[\"k\"]![1] = 9\nb.a.n[\"z\", default: []].append(4)\nprint(b, c)",
      "B(a: A(n: [\"k\": [1, 9], \"z\": [4]])) B(a: A(n: [\"k\": [1, 2]]))\n"),
    Printing(
      "callAsFunction",
      "struct F { let k: Int; func callAsFunction(_ x: Int) -> Int { x * k } }\nlet f = F(k: 3)\nprint(f(4))",
      "12\n"),
    Printing(
      "structs with next can be looped over",
      "struct Count { var n: Int\n  mutating func next() -> Int? { if n == 0 { return nil }; n -= 1; return n }\n}\nlet c = Count(n: 3)\nfor x in c { print(x) }\nprint(c.n)",
      "2\n1\n0\n3\n"),
    Printing(
      "function properties", "struct S { var f: (Int) -> Int }\nlet s = S(f: { $0 * 2 })\nprint(s.f(4))",
      "8\n"),
    Printing(
      "implicit self in closures",
      "struct S { var k = 2; func all(_ xs: [Int]) -> [Int] { xs.map { $0 * k } } }\nprint(S().all([1, 2]))",
      "[2, 4]\n"),
    // nested values and write-back
    Printing(
      "arrays are values",
      "var a = [[1], [2]]\nlet b = a\na[0][0] = 9\na[1].append(3)\na[0] += [1]\nprint(a, b)",
      "[[9, 1], [2, 3]] [[1], [2]]\n"),
    Printing(
      "the index may read the array", "var a = [1, 2, 3]\na[a.count - 1] = a[0]\na[a[0]] += 5\nprint(a)",
      "[1, 7, 1]\n"),
    Printing("slices are set", "var a = [1, 2, 3, 4]\na[1..<3] = [9]\nprint(a)", "[1, 9, 4]\n"),
    Printing(
      "dictionary changes",
      "var d = [\"a\": 1]\nd[\"b\"] = 2\nd[\"a\"]! += 10\nd[\"c\", default: 0] += 1\nd[\"b\"] = nil\nprint(d)",
      "[\"a\": 11, \"c\": 1]\n"),
    Printing("tuple members are set", "var t = (a: 1, b: 2)\nt.a = 5\nt.1 += 1\nprint(t)", "(a: 5, b: 3)\n"),
    Printing(
      "optional chaining",
      "struct P { var xs: [Int]? = nil; var p = [1] }\nvar p: P? = P()\nprint(p?.xs?.count, p?.p.count, p?.xs?[0])\np?.p.append(2)\np?.p[0] = 7\nprint(p!.p)\nlet q: P? = nil\nprint(q?.p.first)",
      "nil 1 nil\n[7, 2]\nnil\n"),
    // errors
    Printing(
      "throw and catch",
      "func f(_ x: Int) throws -> Int { if x < 0 { throw \"negative\" }; return x }\ndo { print(try f(1)); print(try f(-1)); print(\"never\") } catch { print(\"caught\", error) }\nprint(try? f(-1), try? f(2))",
      "1\ncaught negative\nnil 2\n"),
    Printing(
      "catch patterns",
      "for e in [1, 2, 3] { do { throw e } catch 1 { print(\"one\") } catch let x where x == 2 { print(\"two\") } catch { print(\"other\", error) } }",
      "one\ntwo\nother 3\n"),
    Printing(
      "errors of the language can be caught",
      "do { let a = [1]; print(a[3]) } catch { print(error) }\ndo { print(1 / 0) } catch { print(error.kind) }",
      "index 3 is out of range: the last of 1 elements is 0\ndivision-by-zero\n"),
    Printing(
      "host errors can be caught", "do { failInHost() } catch { print(error) }",
      "shapes [2] and [3] do not match\n"),
    // host objects
    Printing(
      "host operators from either side", "let b = Box(2)\nprint(b + 1, 0.5 * b, 3 - b, -b, b + b)",
      "Box(3.0) Box(1.0) Box(1.0) Box(-2.0) Box(4.0)\n"),
    Printing(
      "host truth and numbers",
      "if Box(1) { print(\"yes\") }\nprint(outerLoss(Box(4)))\nwhile Box(1) < 2 { print(\"less\"); break }",
      "yes\n8.0\nless\n"),
    Printing(
      "host members",
      "let b = Box(2)\nprint(b.half, b.dynamicHalf, b.content)\nb.content = 8\nb.content += 1\nprint(b.half)",
      "1.0 1.0 2.0\n4.5\n"),
    Printing(
      "references stay shared",
      "struct S { let b = Box(1); var n = 0 }\nlet s = S()\nvar t = s\nt.b.content = 5\nt.n = 1\nprint(s.b, s.n, t.n)",
      "Box(5.0) 0 1\n"),
    Printing(
      "host subscripts",
      "let b = Box(1)\nprint(b[..., 0..<3], b[-1], b[-3...])\nb[0] = 7\nb[0, 1] = 8\nprint(b)",
      "... 0..<3 -1 -3...\nBox(8.0)\n"),
    Printing(
      "host objects are looped over and called",
      "for x in Box(1) { print(x) }\nlet b = Box(1)\nprint(b(2), b(2, plus: 3))", "1.0\n2.0\n3.0 6.0\n"),
    Printing("torchmeta's spellings", "print(outer_loss(1), get_outer_loss(2))", "2.0 4.0\n"),
    Printing(
      "torchmeta's members and labels",
      "print(Box(2).get_scaled(num_times: 3), Box(2).getScaled(count: 4), reduce_boxes(Box(1), Box(3), reduction: .average))",
      "Box(6.0) Box(8.0) 2.0\n"),
    Printing(
      "enum-typed parameters",
      "print(reduceBoxes(Box(1), Box(3)), reduceBoxes(Box(1), Box(3), reduction: .sum), reduceBoxes(Box(1), [3], reduction: Reduction.sum))",
      "2.0 4.0 4.0\n"),
    Printing(
      "host calls closures back",
      "print(twice { i, j in i + j }, twice(times: 1) { $0.1 }, twice { p in p.0 })", "[0, 11] [0] [0, 1]\n"),
    Printing(
      "inheritance clause hook",
      "struct Net: Model { let w = Box(3); var n = 1\n  func forward(_ x: Double) -> Double { scale(x) + w.content }\n  func scale(_ x: Double) -> Double { x * 2 }\n}\nlet net = Net()\nlet same = net\nnet.n = 5\nnet.eval()\nprint(net, net(1), same.n, same.training, net.forward(2))",
      "Model Net 5.0 5 false 7.0\n"),
    Printing(
      "labels of closures' tuples", "let t: (loss: Double, n: Int) = (loss: 1, n: 2)\nprint(t.loss)", "1.0\n"),
  ]

  @Test("program", arguments: programs)
  func program(_ program: Printing) {
    let result = ProgramRunner.run(program.source)
    #expect(result.diagnostics.map(\.description) == [])
    #expect(result.output == program.output)
  }
}
