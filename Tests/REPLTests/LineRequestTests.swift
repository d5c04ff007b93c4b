import REPL
import Testing

@Suite("What a line asks for")
struct LineRequestTests {
  @Test(
    "commands, questions and programs are told apart",
    arguments: [
      ("", LineRequest.nothing), ("  \n ", .nothing), ("x", .run("x")),
      (" x + 1 ", .run(" x + 1 ")),
      (":help", .command("help")), ("  :quit  ", .command("quit")), (":", .command("")),
      ("MAML?", .inspect("MAML", detail: 0)), ("maml.adapt??", .inspect("maml.adapt", detail: 1)),
      ("損失?", .inspect("損失", detail: 0)), ("_x?", .inspect("_x", detail: 0)),
      ("a ? b : c", .run("a ? b : c")), ("f()?", .run("f()?")), ("?", .run("?")),
      ("x???", .run("x???")),
      ("a.?", .run("a.?")), ("3?", .run("3?")), (":a\nb", .run(":a\nb")),
    ])
  func requests(text: String, request: LineRequest) {
    #expect(LineRequest(text) == request)
  }

  /// Braces that are open, four spaces for each.
  private func state(_ text: String) -> InputState {
    let depth = text.count { $0 == "{" } - text.count { $0 == "}" }
    return depth > 0 ? .incomplete(indent: String(repeating: "    ", count: depth)) : .complete
  }

  @Test("lines are collected until they are complete, with the indentation of the next")
  func continuation() {
    var pending = PendingInput()
    #expect(pending.isEmpty)
    var step = pending.add("func f() {", state: state)
    #expect(step.request == nil && step.indent == "    ")
    step = pending.add("    if x {", state: state)
    #expect(step.request == nil && step.indent == "        ")
    step = pending.add("", state: state)
    #expect(step.request == nil && !pending.isEmpty)
    step = pending.add("}}", state: state)
    #expect(step.request == .run("func f() {\n    if x {\n\n}}"))
    #expect(step.indent.isEmpty && pending.isEmpty)
  }

  @Test("a pasted or recalled text of several lines runs at once when it is complete")
  func several() {
    var pending = PendingInput()
    #expect(pending.add("f {\n1\n}", state: state).request == .run("f {\n1\n}"))
  }

  @Test("commands and questions need no continuation, invalid text runs to show why")
  func immediate() {
    var pending = PendingInput()
    #expect(
      pending.add("a?", state: { _ in .incomplete(indent: "") }).request == .inspect("a", detail: 0)
    )
    #expect(
      pending.add(":help", state: { _ in .incomplete(indent: "") }).request == .command("help"))
    #expect(pending.add(")", state: { _ in .invalid }).request == .run(")"))
  }

  @Test("what is left at the end of a file runs as it is")
  func rest() {
    var pending = PendingInput()
    _ = pending.add("if x {", state: state)
    #expect(pending.finish() == .run("if x {"))
    #expect(pending.isEmpty)
  }
}
