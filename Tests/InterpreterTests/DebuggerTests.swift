import Diagnostics
import Display
import Interpreter
import Testing

@Suite("Debugger")
struct DebuggerTests {
  /// Runs a text with breakpoints; what `hold` says of each pause.
  private func run(
    _ text: String, breakpoints: [LineBreakpoint] = [], errors: Debugger.ErrorPause = .none,
    hold: @escaping @Sendable (Pause) -> (String, Debugger.Resumption)
  ) -> (pauses: [String], output: String) {
    LargeStackThread.run {
      let evaluator = Evaluator(registry: ProgramRunner.registry())
      var pauses: [String] = []
      evaluator.whenPaused { pause in
        let (note, resumption) = hold(pause)
        pauses.append(note)
        return resumption
      }
      evaluator.debugger.attach()
      evaluator.debugger.pauseOnErrors(errors)
      _ = evaluator.debugger.setBreakpoints(breakpoints, in: text)
      let sink = MemorySink()
      _ = evaluator.run(SourceText(name: "cell", text: text), output: sink)
      return (pauses, sink.standardOutput)
    }
  }

  @Test("a line without a statement moves down to the next, and past the last to nowhere")
  func placing() {
    let debugger = Evaluator(registry: ProgramRunner.registry()).debugger
    let text = "func f() {\n  // words\n  print(1)\n}\n\nf()\n"
    let lines = [1, 2, 3, 4, 5, 7].map { LineBreakpoint(line: $0) }
    #expect(debugger.setBreakpoints(lines, in: text).map { $0?.line } == [3, 3, 3, 6, 6, nil])
    #expect(debugger.setBreakpoints([LineBreakpoint(line: 1)], in: "let = (") == [nil])
  }

  @Test("variables are those visible at the statement, the innermost of equal names")
  func visibleVariables() {
    let text = """
      func f(_ x: Int) {
        let a = 1
        if x > 0 {
          let a = 2
          let b = 3
          print(a + b)
        }
        let c = 4
        print(c)
      }
      f(1)
      """
    let pauses = run(
      text, breakpoints: [LineBreakpoint(line: 2), LineBreakpoint(line: 6), LineBreakpoint(line: 9)]
    ) { pause in
      let variables = pause.frames.first?.variables ?? []
      return (variables.map { "\($0.name) \($0.value.printed)" }.joined(separator: ", "), .proceed)
    }.pauses
    #expect(pauses == ["x 1", "x 1, a 2, b 3", "x 1, a 1, c 4"])
  }

  @Test("what a paused program sets stays set: locals, captured and global variables, self")
  func changes() {
    let text = """
      struct Counter {
        var count = 0
        mutating func add() {
          var step = 1
          let twice = { step = step * 2 }
          twice()
          count += step
        }
      }
      var global = 1
      var counter = Counter()
      counter.add()
      print(counter.count, global)
      """
    let output = run(text, breakpoints: [LineBreakpoint(line: 7)]) { pause in
      let outcome = pause.evaluate("step += 10\ncount = 100\nglobal = 7\nself.count", in: pause.frames[0])
      return (outcome.value?.printed ?? "\(outcome.diagnostics)", .proceed)
    }
    #expect(output.pauses == ["100"])
    #expect(output.output == "112 7\n")
  }

  @Test("a mistake in a condition pauses, so that it is seen")
  func wrongCondition() {
    let pauses = run("let a = 1\nprint(a)", breakpoints: [LineBreakpoint(line: 2, condition: "b > 1")]) { _ in
      ("", .proceed)
    }.pauses
    #expect(pauses.count == 1)
  }

  @Test("a recursive call does not end a step over it")
  func recursion() {
    let text = """
      func f(_ n: Int) -> Int {
        if n == 0 { return 0 }
        let rest = f(n - 1)
        return n + rest
      }
      print(f(3))
      """
    let pauses = run(text, breakpoints: [LineBreakpoint(line: 3, condition: "n == 3")]) { pause in
      let frame = pause.frames[0]
      return ("\(frame.source.position(at: frame.span.start).line) \(pause.frames.count)", .stepOver)
    }.pauses
    #expect(pauses == ["3 2", "4 2"])
  }

  @Test("errors pause where nothing catches them, or everywhere")
  func errors() {
    let text = "let a = try? [1][2]\ndo {\n  print([1][3])\n} catch { print(\"caught\") }\nlet b = [1][4]"
    for (errors, expected) in [(Debugger.ErrorPause.uncaught, ["4"]), (.all, ["2", "3", "4"]), (.none, [])] {
      let pauses = run(text, errors: errors) { pause in
        guard case .error(let diagnostic) = pause.reason else { return ("", .proceed) }
        return (String(diagnostic.message.split(separator: " ")[1]), .proceed)
      }.pauses
      #expect(pauses == expected)
    }
  }

  @Test("nothing can be asked of a program that has gone on")
  func gone() {
    LargeStackThread.run {
      let evaluator = Evaluator(registry: ProgramRunner.registry())
      var kept: Pause?
      evaluator.whenPaused { pause in
        kept = pause
        return .proceed
      }
      evaluator.debugger.attach()
      _ = evaluator.debugger.setBreakpoints([LineBreakpoint(line: 2)], in: "let a = 1\nprint(a)")
      _ = evaluator.run(SourceText(name: "cell", text: "let a = 1\nprint(a)"), output: MemorySink())
      guard let kept else {
        Issue.record("the program has not paused")
        return
      }
      #expect(kept.evaluate("a", in: kept.frames[0]).diagnostics.first?.id == "not-paused")
      #expect(kept.frames[0].variables.isEmpty)
    }
  }

  /// The lines of the innermost calls at which a text pauses.
  private func lines(_ text: String, _ breakpoints: [Int], then resumption: Debugger.Resumption = .proceed)
    -> [String]
  {
    run(text, breakpoints: breakpoints.map { LineBreakpoint(line: $0) }) { pause in
      let line = pause.frames.first.map { $0.source.position(at: $0.span.start).line } ?? 0
      return ("\(line)", resumption)
    }.pauses
  }

  @Test("statements beside a `defer` and in it stop once each, also on its own line")
  func deferring() {
    let text = """
      func f() {
        defer { print(1) }
        print(2)
      }
      func g() {
        print(0)
        defer {
          print(3)
        }
      }
      f()
      g()
      """
    #expect(lines(text, [2, 3, 6, 8]) == ["2", "3", "6", "8"])
    #expect(lines(text, [11], then: .stepIn) == ["11", "2", "3", "2", "12", "6", "7", "8"])
  }

  @Test(
    "nested functions are no stops, and one at the beginning leaves the function's first statement to its name"
  )
  func nestedFunctions() {
    let text = """
      func f() -> Int {
        func g() -> Int { 1 }
        return g()
      }
      print(f())
      """
    #expect(lines(text, [5], then: .stepOver) == ["5"])
    #expect(lines(text, [5], then: .stepIn) == ["5", "3", "2"])
  }

  @Test("every kind of body stops: initializers, accessors, iterators, guards and cases")
  func kindsOfBodies() {
    let text = """
      struct P {
        var x: Int
        init(_ v: Int) {
          x = v
        }
        var twice: Int {
          x * 2
        }
        var half: Int {
          get { x / 2 }
          set {
            x = newValue
          }
        }
      }
      func sum(_ a: P, _ b: P) -> P {
        P(a.x + b.x)
      }
      struct Down: Sequence, IteratorProtocol {
        var n = 1
        mutating func next() -> Int? {
          if n == 0 { return nil }
          n -= 1
          return n
        }
      }
      func h(_ v: Int?) -> Int {
        guard let v = v else {
          return 0
        }
        switch v {
        case 1:
          print("one")
        default: print("more")
        }
        return v
      }
      var p = P(1)
      print(p.twice)
      p.half = 5
      p = sum(p, p)
      for i in Down() {
        print(i)
      }
      print(h(1) + h(2) + h(nil))
      """
    #expect(
      lines(text, [4, 7, 12, 17, 24, 29, 33, 34]) == [
        "4", "7", "12", "17", "4", "24", "33", "34", "29",
      ])
  }

  @Test("a cell that visits another at a safe point takes no step of it, and its errors are its own")
  func visits() {
    let pauses = LargeStackThread.run {
      let evaluator = Evaluator(registry: ProgramRunner.registry())
      var pauses: [String] = []
      evaluator.whenPaused { pause in
        let frame = pause.frames.first
        pauses.append("\(frame?.source.name ?? "") \(frame?.source[frame?.span ?? Span(at: 0)] ?? "")")
        return .stepOver
      }
      var isVisited = false
      evaluator.atSafePoints {
        if isVisited || pauses.count < 3 { return }
        isVisited = true
        _ = evaluator.run(SourceText(name: "visitor", text: "let v = 1\n[v][7]"), output: MemorySink())
      }
      let text = "let a = 1\ndo {\n  var i = 0\n  while i < 2 { i += 1 }\n} catch { print(error) }"
      evaluator.debugger.attach()
      evaluator.debugger.pauseOnErrors(.uncaught)
      _ = evaluator.debugger.setBreakpoints([LineBreakpoint(line: 2)], in: text)
      _ = evaluator.run(SourceText(name: "cell", text: text), output: MemorySink())
      return pauses
    }
    #expect(pauses.filter { $0.hasPrefix("visitor") } == ["visitor [v][7]"])
    #expect(pauses.last == "cell i += 1")
  }

  @Test("a debugger outlives its evaluator")
  func outliving() {
    let debugger = Evaluator(registry: ProgramRunner.registry()).debugger
    debugger.attach()
    #expect(debugger.setBreakpoints([LineBreakpoint(line: 1)], in: "print(1)").map { $0?.line } == [1])
    debugger.pauseOnErrors(.all)
  }
}
