import Interpreter
import Testing

@Suite("String(format:)")
struct FormatTests {
  @Test(
    "conversions, flags, widths and positions",
    arguments: [
      ("\"%d %i\", 3, -4", "3 -4"), ("\"%.3f\", 2.0 / 3", "0.667"),
      ("\"%8.2f|%-8.2f|\", 1.5, 1.5", "    1.50|1.50    |"),
      ("\"%08.2f %+d %05d\", -1.5, 3, -42", "-0001.50 +3 -0042"),
      ("\"%e %g\", 12345.678, 0.0001", "1.234568e+04 0.0001"),
      ("\"%x %X %#x %o\", 255, 255, 255, 8", "ff FF 0xff 10"),
      ("\"%@ and %s\", [1, 2], \"text\"", "[1, 2] and text"),
      ("\"%5s|%-5s|\", \"ab\", \"ab\"", "   ab|ab   |"), ("\"100%%\"", "100%"),
      ("\"%2$@ %1$@\", 1, 2", "2 1"),
      ("\"%*d|\", 6, 42", "    42|"), ("\"%ld %lld\", 1, 2", "1 2"), ("\"%d\", 3.0", "3"),
      ("\"%f\", 1", "1.000000"),
      ("\"%c\", 65", "A"), ("\"%.2s\", \"abc\"", "ab"), ("\"%5.1f\", Double.nan", "  nan"),
      ("\"%05.1f\", Double.infinity", "  inf"), ("\"%.1f %g\", -Double.nan, -Double.infinity", "nan -inf"),
      ("\"é %d日\", 1", "é 1日"), ("\"%d\", 1, 2, 3", "1"),
    ])
  func conversions(_ arguments: String, _ expected: String) {
    let result = ProgramRunner.run("print(String(format: \(arguments)), terminator: \"\")")
    #expect(result.output == expected, "\(arguments) \(result.firstMessage)")
  }

  @Test(
    "hostile formats are refused",
    arguments: [
      "\"%d\"", "\"%d %d\", 1", "\"%n\", 1", "\"%\"", "\"%1000000000d\", 1", "\"%.99999f\", 1",
      "\"%*d\", 99999999, 1",
      "\"%99$d\", 1", "\"%f\", \"x\"", "\"%-+ #\", 1", "\"%0$d\", 1", "\"%c\", -1",
      "\"%99999999999999999999d\", 1",
    ])
  func hostile(_ arguments: String) {
    let result = ProgramRunner.run("String(format: \(arguments))")
    #expect(result.ids == ["bad-format"], "\(arguments) gave \(result.value ?? "nothing")")
  }
}
