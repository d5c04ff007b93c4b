import Display
import Testing

@Suite("Text for terminals and pages")
struct TextTests {
  @Test("wide and combining characters are counted as the terminal shows them")
  func width() {
    #expect(TextWidth.columns("loss") == 4)
    #expect(TextWidth.columns("損失") == 4)
    #expect(TextWidth.columns("e\u{301}") == 1)
    #expect(TextWidth.columns("👩‍💻") == 2)
    #expect(TextWidth.padded("損", to: 4) == "損  ")
    #expect(TextWidth.padded("1", to: 3, flushRight: true) == "  1")
    #expect(TextWidth.cut("損失関数", to: 5) == "損失…")
    #expect(TextWidth.cut("abc", to: 3) == "abc")
  }

  @Test("markup has no special character left")
  func markup() {
    #expect(
      Escaping.markup("<a href='x'>&\"\u{1B}\u{0}") == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\u{FFFD}\u{FFFD}"
    )
    #expect(Escaping.markup("損失\n") == "損失\n")
  }

  @Test("terminal lines have no control character left")
  func line() {
    #expect(Escaping.line("a\u{1B}[2J\n\t\u{7F}\u{202E}") == "a\\u{1b}[2J\\n\\t\\u{7f}\\u{202e}")
    #expect(Escaping.line("損失") == "損失")
    #expect(Escaping.ascii("a…–損") == "a.-?")
  }

  @Test("text/plain stays in a bundle")
  func bundle() {
    var bundle = MIMEBundle(plain: "x", html: "<b>x</b>")
    bundle[MIMEType.plain] = nil
    bundle[MIMEType.html] = nil
    #expect(bundle.plainText == "x")
    #expect(bundle.data.count == 1)
  }
}
