import ArrayCore
import Autograd
import Glibc
import NN

/// Made-up characters for few-shot classification, drawn from a seed: no download.
///
/// A class is two to four curved strokes; a sample of it moves their points a little and tilts, scales, shears and
/// shifts the whole. Class c and sample s are the same image on every access. Samples are endless.
public struct Glyphs: Sendable {
  public let classCount: Int
  public let seed: UInt64
  /// The side of an image in pixels.
  public let size: Int

  public init(classCount: Int = 60, seed: UInt64 = 0, size: Int = 28) throws {
    guard (1...1_000_000).contains(classCount), (8...512).contains(size) else {
      throw DatasetError.argument(
        type: "Glyphs", reason: "classCount must be 1...1000000 and size 8...512")
    }
    self.classCount = classCount
    self.seed = seed
    self.size = size
  }

  /// A quadratic curve in the unit square.
  private struct Stroke {
    var start: SIMD2<Double>
    var middle: SIMD2<Double>
    var end: SIMD2<Double>

    func point(_ t: Double) -> SIMD2<Double> {
      let u = 1 - t
      return start * (u * u) + middle * (2 * u * t) + end * (t * t)
    }
  }

  private func strokes(of label: Int) -> [Stroke] {
    let key = RandomKey(seed: derivedSeed(seed, label), stream: 0)
    var next: UInt64 = 0
    func draw() -> Double {
      next += 1
      return key.uniform(at: next)
    }
    func point() -> SIMD2<Double> { SIMD2(0.12 + 0.76 * draw(), 0.12 + 0.76 * draw()) }
    let count = 2 + key.integer(at: 0, below: 3)
    return (0..<count).map { _ in
      let start = point()
      var end = point()
      // Short strokes look like dots: take the far end of several.
      for _ in 0..<3 {
        let other = point()
        if distance(start, other) > distance(start, end) { end = other }
      }
      let bend = SIMD2(0.6 * (draw() - 0.5), 0.6 * (draw() - 0.5))
      return Stroke(start: start, middle: (start + end) / 2 + bend, end: end)
    }
  }

  /// One image as rows of pixels, 0 (paper) … 1 (ink).
  ///
  /// - Parameters:
  ///   - label: the class.
  ///   - sample: the number of the sample in its class.
  ///   - rotation: degrees, counter-clockwise, besides the sample's own tilt.
  public func image(class label: Int, sample: Int, rotation: Double = 0) throws -> [Float] {
    guard (0..<classCount).contains(label), sample >= 0, rotation.isFinite else {
      throw DatasetError.argument(
        type: "Glyphs", reason: "there is no sample \(sample) of class \(label) at \(rotation) degrees")
    }
    let key = RandomKey(seed: derivedSeed(seed, label, sample), stream: 1)
    var next: UInt64 = 0
    func around(_ width: Double) -> Double {
      next += 1
      return width * (2 * key.uniform(at: next) - 1)
    }
    let angle = (rotation + around(10)) * Double.pi / 180
    let scale = SIMD2(1 + around(0.12), 1 + around(0.12))
    let shear = around(0.15)
    let shift = SIMD2(around(0.06), around(0.06))
    let radius = (0.045 + around(0.012)) * Double(size)
    func place(_ point: SIMD2<Double>) -> SIMD2<Double> {
      let moved = point + SIMD2(around(0.02), around(0.02)) - 0.5
      let scaled = moved * scale
      let sheared = SIMD2(scaled.x + shear * scaled.y, scaled.y)
      // The second axis points down, so that a positive angle turns counter-clockwise.
      let turned = SIMD2(
        cos(angle) * sheared.x + sin(angle) * sheared.y, cos(angle) * sheared.y - sin(angle) * sheared.x)
      return (turned + shift + 0.5) * Double(size)
    }
    var pixels = [Float](repeating: 0, count: size * size)
    for stroke in strokes(of: label) {
      let moved = Stroke(start: place(stroke.start), middle: place(stroke.middle), end: place(stroke.end))
      var last = moved.start
      for step in 1...10 {
        let point = moved.point(Double(step) / 10)
        draw(from: last, to: point, radius: radius, into: &pixels)
        last = point
      }
    }
    return pixels
  }

  /// Draws a line with round ends; a pixel's ink falls off over one pixel at the edge.
  private func draw(
    from a: SIMD2<Double>, to b: SIMD2<Double>, radius: Double, into pixels: inout [Float]
  ) {
    let reach = radius + 1
    func range(_ low: Double, _ high: Double) -> Range<Int> {
      let first = max(0, Int(min(low, high) - reach))
      return first..<max(first, min(size, Int(max(low, high) + reach) + 1))
    }
    let direction = b - a
    let length = (direction * direction).sum()
    for y in range(a.y, b.y) {
      for x in range(a.x, b.x) {
        let point = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
        let along = length > 0 ? min(1, max(0, ((point - a) * direction).sum() / length)) : 0
        let ink = radius + 0.5 - distance(point, a + direction * along)
        let index = y * size + x
        pixels[index] = max(pixels[index], Float(min(1, max(0, ink))))
      }
    }
  }

  /// Samples of several classes, class by class.
  ///
  /// - Parameters:
  ///   - classes: all by default.
  ///   - perClass: samples of each class.
  ///   - rotation: degrees, counter-clockwise.
  ///   - firstSample: the number of the first sample of each class.
  public func samples(
    classes: Range<Int>? = nil, perClass: Int, rotation: Double = 0, firstSample: Int = 0
  ) throws -> LabelledImages {
    let classes = classes ?? 0..<classCount
    guard perClass > 0, firstSample >= 0, perClass <= 1 << 24, firstSample <= 1 << 48,
      classes.lowerBound >= 0, classes.upperBound <= classCount, !classes.isEmpty
    else {
      throw DatasetError.argument(
        type: "Glyphs", reason: "\(perClass) samples of classes \(classes) are not possible")
    }
    var failure: (any Error)?
    let shape: Shape = [classes.count * perClass, 1, size, size]
    let array = try NDArray.makeFloats(shape) { out in
      var offset = 0
      do {
        for label in classes {
          for sample in 0..<perClass {
            let pixels = try image(class: label, sample: firstSample + sample, rotation: rotation)
            for (i, value) in pixels.enumerated() { out[offset + i] = value }
            offset += pixels.count
          }
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    let labels = classes.flatMap { Array(repeating: $0, count: perClass) }
    return LabelledImages(images: Tensor(array), labels: try Tensor(labels, shape: [labels.count]))
  }
}

private func distance(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double {
  let d = a - b
  return (d * d).sum().squareRoot()
}
