import Diagnostics
import Glibc

extension StandardLibrary {
  static func registerMathematics(in builder: RegistryBuilder) {
    builder.constant("pi", .double(Double.pi), .double, "The circle constant, 3.14159…")
    registerFunctions(in: builder)
    registerRounding(in: builder)
    registerExtremes(in: builder)
    let pair: [Parameter] = [.positional("x", number), .positional("y", number)]
    builder.function(
      "pow", pair, returns: .double, Documentation("A power.", formula: "xʸ", example: "pow(2, 0.5)")
    ) { arguments, _ in .double(Glibc.pow(try arguments.double("x"), try arguments.double("y"))) }
    builder.function(
      "atan2", [.positional("y", number), .positional("x", number)], returns: .double,
      Documentation(
        "The angle of the point (x, y), between −π and π.", formula: "arg(x + iy)", example: "atan2(1, 1)")
    ) { arguments, _ in .double(Glibc.atan2(try arguments.double("y"), try arguments.double("x"))) }
    builder.function(
      "hypot", pair, returns: .double,
      Documentation("The length of (x, y).", formula: "√(x² + y²)", example: "hypot(3, 4)")
    ) { arguments, _ in .double(Glibc.hypot(try arguments.double("x"), try arguments.double("y"))) }
  }

  private static func registerFunctions(in builder: RegistryBuilder) {
    let functions: [(name: String, summary: String, formula: String, body: @Sendable (Double) -> Double)] = [
      ("sin", "Sine of an angle in radians.", "sin x", { Glibc.sin($0) }),
      ("cos", "Cosine of an angle in radians.", "cos x", { Glibc.cos($0) }),
      ("tan", "Tangent of an angle in radians.", "sin x / cos x", { Glibc.tan($0) }),
      ("asin", "Arc sine, between −π/2 and π/2.", "sin⁻¹ x", { Glibc.asin($0) }),
      ("acos", "Arc cosine, between 0 and π.", "cos⁻¹ x", { Glibc.acos($0) }),
      ("atan", "Arc tangent, between −π/2 and π/2.", "tan⁻¹ x", { Glibc.atan($0) }),
      ("sinh", "Hyperbolic sine.", "(eˣ − e⁻ˣ) / 2", { Glibc.sinh($0) }),
      ("cosh", "Hyperbolic cosine.", "(eˣ + e⁻ˣ) / 2", { Glibc.cosh($0) }),
      ("tanh", "Hyperbolic tangent.", "(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)", { Glibc.tanh($0) }),
      ("exp", "The exponential function.", "eˣ", { Glibc.exp($0) }),
      ("expm1", "eˣ − 1, accurate near 0.", "eˣ − 1", { Glibc.expm1($0) }),
      ("log", "Natural logarithm; nan for a negative number, −inf for 0.", "ln x", { Glibc.log($0) }),
      ("log2", "Logarithm to base 2.", "log₂ x", { Glibc.log2($0) }),
      ("log10", "Logarithm to base 10.", "log₁₀ x", { Glibc.log10($0) }),
      ("log1p", "ln(1 + x), accurate near 0.", "ln(1 + x)", { Glibc.log1p($0) }),
      ("sqrt", "Square root; nan for a negative number.", "√x", { $0.squareRoot() }),
    ]
    for function in functions {
      builder.function(
        function.name, [.positional("x", number)], returns: .double,
        Documentation(function.summary, formula: function.formula, example: "\(function.name)(0.5)")
      ) { arguments, _ in .double(function.body(try arguments.double("x"))) }
    }
  }

  private static func registerRounding(in builder: RegistryBuilder) {
    let functions: [(name: String, summary: String, formula: String, body: @Sendable (Double) -> Double)] = [
      ("floor", "The largest whole number that is not above x.", "⌊x⌋", { $0.rounded(.down) }),
      ("ceil", "The smallest whole number that is not below x.", "⌈x⌉", { $0.rounded(.up) }),
      (
        "round", "The nearest whole number; halves go away from zero.", "sign(x) · ⌊|x| + ½⌋",
        { $0.rounded() }
      ),
      ("trunc", "The whole part, towards zero.", "sign(x) · ⌊|x|⌋", { $0.rounded(.towardZero) }),
    ]
    for function in functions {
      builder.function(
        function.name, [.positional("x", number)], returns: .double,
        Documentation(
          function.summary, formula: function.formula, example: "\(function.name)(2.5)",
          discussion: "The result is a Double; `Int(…)` makes an Int of it.")
      ) { arguments, _ in .double(function.body(try arguments.double("x"))) }
    }
    builder.function(
      "abs", [.positional("x", number)], returns: number,
      Documentation("Absolute value, of the same type.", formula: "|x|", example: "abs(-3)")
    ) { arguments, _ in
      guard case .int(let whole) = arguments["x"] else { return .double(try arguments.double("x").magnitude) }
      guard let magnitude = Int(exactly: whole.magnitude) else {
        throw arguments.problem(
          "x", id: "integer-overflow", "the absolute value of \(whole) does not fit in an Int")
      }
      return .int(magnitude)
    }
  }

  private static func registerExtremes(in builder: RegistryBuilder) {
    for (name, word) in [("min", "smallest"), ("max", "largest")] {
      let isMax = name == "max"
      builder.function(
        name, [.positional("a", comparable), .positional("b", comparable), .variadic("rest", comparable)],
        returns: .any,
        Documentation(
          "The \(word) of the arguments.", formula: "\(name)(a, b, …)", example: "\(name)(1, 2.5)")
      ) { arguments, evaluation in
        var best = arguments["a"]
        for value in [arguments["b"]] + (try arguments.array("rest")) {
          let replaces = try isMax ? !evaluation.precedes(value, best) : evaluation.precedes(value, best)
          if replaces { best = value }
        }
        return best
      }
    }
  }
}

extension Evaluation {
  /// Whether one value comes before another, host objects included.
  func precedes(_ a: Value, _ b: Value) throws -> Bool {
    if let result = a.isLess(than: b) { return result }
    return try truth(Operators.apply(.less, a, b, self))
  }

  /// `a == b` as the language says it.
  func areEqual(_ a: Value, _ b: Value) throws -> Bool {
    switch (a, b) {
    case (.object, _), (_, .object): try truth(Operators.apply(.equal, a, b, self))
    default: a.isEqual(to: b)
    }
  }
}
