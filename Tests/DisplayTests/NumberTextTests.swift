import Display
import Testing

@Suite("Numbers as text")
struct NumberTextTests {
  @Test(
    "compact numbers keep their leading digits and lose trailing zeros",
    arguments: [
      (0.0, "0"), (-0.0, "0"), (1, "1"), (0.5, "0.5"), (0.123456789, "0.12346"), (1500, "1500"),
      (1_234_567, "1234567"), (12_345_678, "1.2346e7"), (2.5e-7, "2.5e-7"), (-0.00012, "-0.00012"),
      (9.99999, "10"), (1e300, "1e300"), (.leastNonzeroMagnitude, "4.9407e-324"),
    ])
  func compact(value: Double, text: String) {
    #expect(NumberText.compact(value) == text)
  }

  @Test("what is no number is named")
  func special() {
    #expect(NumberText.compact(.nan) == "nan")
    #expect(NumberText.compact(-.infinity) == "-inf")
    #expect(NumberText.exact(.infinity) == "inf")
  }

  @Test("a column has the same decimals throughout")
  func column() {
    #expect(NumberText.column([1.5, nil, 20.25, -0.0]) == ["1.50", nil, "20.25", "0.00"])
    #expect(NumberText.column([1, 2, 3]) == ["1", "2", "3"])
    #expect(NumberText.column([3.8123456, 0.0012345]) == ["3.81235", "0.00123"])
    #expect(NumberText.column([1e-9, 1]) == ["1e-9", "1"])
    #expect(NumberText.column([1, 0.0000801]) == ["1", "8.01e-5"])
    #expect(NumberText.column([.nan, 0.25]) == ["nan", "0.25"])
    #expect(NumberText.column([]) == [])
  }

  @Test(
    "exact numbers read back as the same number",
    arguments: [0.1, .leastNonzeroMagnitude, 123456789.123456789, -2])
  func exact(value: Double) {
    #expect(Double(NumberText.exact(value)) == value)
  }

  @Test("durations and counts are short")
  func durations() {
    #expect(NumberText.duration(seconds: 0.42) == "0.4 s")
    #expect(NumberText.duration(seconds: 59.4) == "59 s")
    #expect(NumberText.duration(seconds: 200) == "3 min 20 s")
    #expect(NumberText.duration(seconds: 7500) == "2 h 5 min")
    #expect(NumberText.duration(seconds: .nan) == "?")
    #expect(NumberText.grouped(1_234_567) == "1,234,567")
    #expect(NumberText.grouped(.min) == "-9,223,372,036,854,775,808")
  }
}
