import REPL
import Testing

@Suite("Text around the edited line")
struct TerminalTextTests {
  @Test("pastes keep their lines and lose control characters and the last newline")
  func paste() {
    #expect(PastedText.cleaned("a\r\n\tb\rc\n\n".unicodeScalars) == "a\n    b\nc")
    #expect(PastedText.cleaned("\u{1B}[31mé損\u{7}\u{0}".unicodeScalars) == "[31mé損")
    #expect(PastedText.cleaned("\n\n".unicodeScalars).isEmpty)
  }

  @Test("prompts are as wide as each other, and only colour stands between the marks")
  func prompts() {
    for prompts in [Prompts(unicode: true, colour: true), Prompts(unicode: false, colour: false)] {
      for number in [1, 12, 345] {
        let widths = [prompts.first(number), prompts.continuation(number)].map(Prompts.width)
        #expect(widths[0] == widths[1])
        #expect(widths[0] == 4 + String(number).count)
        // libedit drops a sequence that stands last.
        #expect(prompts.first(number).hasSuffix(" "))
      }
    }
    #expect(Prompts(unicode: false, colour: false).first(3) == "[3]> ")
    #expect(Prompts(unicode: false, colour: true).first(3).utf8.allSatisfy { $0 < 0x80 })
    #expect(!Prompts(unicode: true, colour: false).first(3).contains("\u{1B}"))
  }

  @Test(
    "rows above the cursor follow the width and the newlines",
    arguments: [
      ("", 0), ("abc", 0), ("abcdefgh", 1), ("損失損失", 1), ("a\nb", 1), ("\n\n", 2),
      ("abcdefghi\nxxxxxxxxxxxx", 3), ("abc損失損失", 1), ("abc損失a損失損失損失", 2),
    ])
  func rows(text: String, rows: Int) {
    #expect(WrappedText.rowsAboveCursor(text, promptWidth: 2, width: 10) == rows)
  }
}
