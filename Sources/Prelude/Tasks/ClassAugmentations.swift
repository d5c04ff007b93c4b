import Display
import Interpreter
import MetaLearning

extension ClassAugmentation: HostValue {
  var hostTypeName: String { "ClassAugmentation" }
  var hostSummary: String {
    switch self {
    case .rotation(let angles): "Rotation([\(angles.map { NumberText.compact($0) }.joined(separator: ", "))])"
    case .horizontalFlip: "HorizontalFlip()"
    case .verticalFlip: "VerticalFlip()"
    }
  }
}

extension InnerloopLanguage {
  /// What makes new classes of images out of the old.
  static func registerClassAugmentations(in builder: RegistryBuilder) {
    builder.type(
      "ClassAugmentation",
      Documentation(
        "Makes new classes of images out of the old, for `classAugmentations:`.",
        example: "Glyphs(classAugmentations: [Rotation([90, 180, 270]), HorizontalFlip()])")
    ) { _ in }
    builder.function(
      "Rotation",
      [
        .positional(
          "angles", .oneOf([.double, .array(.double)]), aliases: ["angle"],
          "in degrees, counter-clockwise: a new class for each")
      ], returns: .named("ClassAugmentation"),
      Documentation(
        "A class turned by an angle is a class of its own.",
        example: "Glyphs(ways: 20, classAugmentations: [Rotation([90, 180, 270])])",
        paper: "torchmeta Rotation; Santoro et al. 2016",
        discussion:
          "Quarter turns of square images are exact; other angles are linear between pixels, and 0 beyond the edge."
      )
    ) { arguments, _ in
      let angles = try arguments["angles"].numericValue.map { [$0] } ?? arguments.doubles("angles")
      guard !angles.isEmpty,
        angles.allSatisfy({ $0.isFinite && $0.truncatingRemainder(dividingBy: 360) != 0 })
      else {
        throw arguments.problem(
          "angles", "`Rotation` needs angles that change an image, such as [90, 180, 270]")
      }
      return ClassAugmentation.rotation(angles).hosted
    }
    for (name, kind, what) in [
      ("HorizontalFlip", ClassAugmentation.horizontalFlip, "left and right"),
      ("VerticalFlip", .verticalFlip, "top and bottom"),
    ] {
      builder.function(
        name, [], returns: .named("ClassAugmentation"),
        Documentation(
          "A class whose \(what) change places is a class of its own.",
          example: "Glyphs(classAugmentations: [\(name)()])", paper: "torchmeta \(name)")
      ) { _, _ in kind.hosted }
    }
  }
}
