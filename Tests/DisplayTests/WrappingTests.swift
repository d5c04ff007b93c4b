import Display
import Testing

@Suite("Running text in a terminal")
struct WrappingTests {
  @Test("text that fits stays as it is, line by line")
  func fitting() {
    #expect(TextWidth.wrapped("one two\n\n    code(x)", to: 20) == "one two\n\n    code(x)")
  }

  @Test("a paragraph is broken between words")
  func paragraph() {
    #expect(TextWidth.wrapped("one two three four", to: 9) == "one two\nthree\nfour")
  }

  @Test("indented code keeps its indentation and goes on further in")
  func code() {
    #expect(
      TextWidth.wrapped("    call(first: 1, second: 2)", to: 20) == "    call(first: 1,\n        second: 2)")
  }

  @Test("the second column of a list goes on under itself")
  func list() {
    #expect(TextWidth.wrapped("  name  what it is for", to: 18) == "  name  what it is\n        for")
  }

  @Test("a word wider than the line stands alone, and wide characters count twice")
  func wideWords() {
    #expect(TextWidth.wrapped("a incomprehensible b", to: 6) == "a\nincomprehensible\nb")
    #expect(TextWidth.wrapped("内側 外側", to: 8) == "内側\n外側")
  }
}
