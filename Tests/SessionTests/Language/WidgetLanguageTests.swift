import TestSupport
import Testing

/// Without comms, as in a terminal: controls are values, and what they show is printed.
@Suite("the language's description: widgets")
struct WidgetLanguageTests {
  @Test(
    "controls hold values of the language",
    arguments: [
      Example(
        "let n = slider(0...10); print(n.value); n.value = 7; print(n)", prints: "5\nSlider: 7, in 0...10"),
      Example("print(slider(0.0...1.0, value: 0.25, label: \"rate\"))", prints: "rate: 0.25, in 0.0...1.0"),
      Example(
        "let n = slider(0..<10, value: 9); print(n.value, slider(0...10, value: 3.5).value)", prints: "9 3.5"),
      Example("print(slider(1...9223372036854775807).value > 1e18)", prints: "true"),
      Example("print(slider(0.01...1.0, log: true).value)", prints: "0.1"),
      Example(
        "let d = dropdown([\"a\", \"b\"], label: \"letter\"); d.value = \"b\"; print(d)",
        prints: "letter: b, of [\"a\", \"b\"]"),
      Example("let c = checkbox(value: true); c.value = false; print(c.value)", prints: "false"),
      Example("let bar = progressBar(4); bar.value = 3; print(bar)", prints: "ProgressBar: 3.0, of 4"),
    ])
  func values(example: Example) { example.check() }

  @Test(
    "those who watch are told of every change",
    arguments: [
      Example(
        "let n = slider(0...9); n.onChange { print(\"now\", $0) }; n.value = 2; n.value = 3",
        prints: "now 2\nnow 3"),
      Example("var k = 0; let b = button(\"go\") { k += 1 }; b.press(); b.press(); print(k)", prints: "2"),
      Example(
        "let n = slider(1...4, value: 1); let i = interact(n, [\"x\", \"y\"]) { count, letter in print(letter, count) }; n.value = 4; print(i)",
        prints: "x 1\nx 4\nSlider: 4, in 1...4\nletter: x, of [\"x\", \"y\"]"),
      Example("let area = outputArea(); area.show { print(\"in it\") }", prints: "in it"),
    ])
  func changes(example: Example) { example.check() }

  @Test(
    "what a control cannot be is refused in words",
    arguments: [
      Refusal("slider(5...5)", says: "the first below the second"),
      Refusal("slider(0.0...1.0, log: true)", says: "begins above 0"),
      Refusal("slider(0...4, value: 9)", says: "lies outside"),
      Refusal("slider(0...4).value = 5", says: "in 0...4, not 5"),
      Refusal("slider(0...4).value = 2.5", says: "whole numbers in 0...4, not 2.5"),
      Refusal("slider(0...1, step: 1e300)", says: "larger than the slider's range"),
      Refusal("slider(0.0...(1.0 / 0.0))", says: "two bounds"),
      Refusal("dropdown([])", says: "one option at least"),
      Refusal("dropdown([1, 2]).value = 3", says: "none of the options"),
      Refusal("checkbox().value = 1", says: "true or false"),
      Refusal("progressBar(-1)", says: "above 0"),
      Refusal("interact(5) { print($0) }", says: "takes controls, ranges"),
    ])
  func refusals(refusal: Refusal) { refusal.check() }
}
