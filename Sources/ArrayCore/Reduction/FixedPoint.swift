import CKernels

/// Fixed-point numbers of 64 bits, two of them for each float64: sums of floats that are the same in any order of their
/// terms and however these are spread over processes.
///
/// Terms below 2^exponent are counted in units of 2^(exponent − 62 + ⌈log₂ terms⌉), so that no sum can overflow. What is
/// smaller than a unit is cut off: of a float32, bits that are 2³⁰ times below the last place of the largest term. The
/// sum is rounded once.
package struct FixedPoint {
  package let dtype: DType
  private let scale: Double
  private let fine: Double

  /// - Parameters:
  ///   - dtype: float32 or float64.
  ///   - exponent: as ``magnitude(of:)`` gives it, the largest of all terms'.
  ///   - terms: how many terms there are at most.
  package init(_ dtype: DType, exponent: Int, terms: Int) {
    self.dtype = dtype
    let room = 62 - (Int.bitWidth - Swift.max(0, terms - 1).leadingZeroBitCount)
    fine = Double(sign: .plus, exponent: room, significand: 1)
    // Beyond 2^1000 are fractions of the smallest numbers there are.
    scale = Double(sign: .plus, exponent: Swift.min(1000, room - exponent), significand: 1)
  }

  /// How large an array's elements are.
  package struct Magnitude: Equatable {
    /// All finite elements are below 2^exponent; `zero` where they are 0.
    package var exponent: Int
    package var isFinite: Bool

    package static let zero = -2000
  }

  package static func magnitude(of array: NDArray) throws(TensorError) -> Magnitude {
    let flat = try array.contiguous()
    let count = flat.elementCount
    func exponent(_ largest: Double) -> Int { largest == 0 ? Magnitude.zero : Int(largest.exponent) + 1 }
    let result: Magnitude
    switch flat.dtype {
    case .float32:
      var largest: Float = 0
      let special = il_largest_f32(flat.address.floats, count, &largest)
      result = Magnitude(exponent: exponent(Double(largest)), isFinite: special == 0)
    case .float64:
      var largest = 0.0
      let special = il_largest_f64(flat.address.doubles, count, &largest)
      result = Magnitude(exponent: exponent(largest), isFinite: special == 0)
    case .int64: throw TensorError("sum", .unsupportedDType(.int64))
    }
    withExtendedLifetime(flat.storage) {}
    return result
  }

  /// How many words the sum of so many elements takes.
  package func wordCount(_ elements: Int) -> Int { dtype == .float64 ? 2 * elements : elements }

  /// Adds an array of terms to the words of a sum of `elements` elements: its first axis, if it has more elements,
  /// counts the terms.
  package func add(
    _ array: NDArray, to words: UnsafeMutablePointer<Int64>, elements: Int
  ) throws(TensorError) {
    try eachTerm(of: array, elements: elements) { flat, offset in
      if dtype == .float32 {
        il_fixed_add_f32(words, flat.address.floats + offset, elements, scale)
      } else {
        il_fixed_add_f64(words, flat.address.doubles + offset, elements, scale, fine)
      }
    }
  }

  /// Notes in the words of `elements` elements where a term is NaN or infinite.
  package func noteSpecials(
    _ array: NDArray, in words: UnsafeMutablePointer<Int64>, elements: Int
  ) throws(TensorError) {
    try eachTerm(of: array, elements: elements) { flat, offset in
      if dtype == .float32 {
        il_specials_f32(words, flat.address.floats + offset, elements)
      } else {
        il_specials_f64(words, flat.address.doubles + offset, elements)
      }
    }
  }

  private func eachTerm(
    of array: NDArray, elements: Int, _ body: (NDArray, Int) -> Void
  ) throws(TensorError) {
    guard array.dtype == dtype else { throw TensorError("sum", .unsupportedDType(array.dtype)) }
    let flat = try array.contiguous()
    for offset in stride(from: 0, to: flat.elementCount, by: Swift.max(1, elements)) { body(flat, offset) }
    withExtendedLifetime(flat.storage) {}
  }

  /// The sum that the words hold.
  ///
  /// - Parameter specials: what ``noteSpecials(_:in:elements:)`` noted, if any: NaN stays NaN, and ∞ − ∞ is NaN.
  package func sum(
    _ words: UnsafePointer<Int64>, specials: UnsafePointer<Int64>? = nil, shape: Shape
  ) throws(TensorError) -> NDArray {
    let result = try NDArray(uninitialized: shape, dtype, "sum", in: nil)
    let count = result.elementCount
    if dtype == .float32 {
      il_fixed_get_f32(result.address.floats, words, count, 1 / scale)
    } else {
      il_fixed_get_f64(result.address.doubles, words, count, 1 / scale, 1 / fine)
    }
    guard let specials else { return result }
    for index in 0..<count where specials[index] != 0 {
      let value: Double =
        switch specials[index] {
        case 2: .infinity
        case 4: -.infinity
        default: .nan
        }
      if dtype == .float32 {
        result.address.floats[index] = Float(value)
      } else {
        result.address.doubles[index] = value
      }
    }
    return result
  }
}
