/// The same glyph classes at several angles: domains for learning to generalise to an unseen angle.
///
/// Each angle has samples of its own, so that no two domains show the same drawing.
public struct RotatedGlyphs: Sendable {
  public let glyphs: Glyphs
  /// In degrees.
  public let angles: [Double]
  /// Samples of a class in a domain.
  public let perClass: Int

  public init(
    classCount: Int = 10, angles: [Double] = [0, 15, 30, 45, 60, 75], perClass: Int = 20, seed: UInt64 = 0,
    size: Int = 28
  ) throws {
    guard !angles.isEmpty, Set(angles).count == angles.count, angles.allSatisfy(\.isFinite),
      (1...1 << 20).contains(perClass)
    else {
      throw DatasetError.argument(
        type: "RotatedGlyphs", reason: "it needs different angles and at least one sample a class")
    }
    glyphs = try Glyphs(classCount: classCount, seed: seed, size: size)
    self.angles = angles
    self.perClass = perClass
  }

  /// Each domain's name, its angle in degrees ("0", "15", "22.5"), and its samples, in order.
  public func domains() throws -> [(name: String, samples: LabelledImages)] {
    try angles.enumerated().map { place, angle in
      let name = angle == angle.rounded() && abs(angle) < 1e9 ? String(Int(angle)) : String(angle)
      let samples = try glyphs.samples(
        perClass: perClass, rotation: angle, firstSample: place * perClass)
      return (name, samples)
    }
  }
}
