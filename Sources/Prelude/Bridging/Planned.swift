import Interpreter

extension InnerloopLanguage {
  /// What later versions bring, refused by name until then.
  static func registerPlanned(in builder: RegistryBuilder) {
    for (names, hint) in plannedNames {
      for name in names {
        for spelling in Set([name, snakeCase(name)]) {
          builder.habit(
            .name, spelling, message: "`\(spelling)` is planned but not part of this version", hint: hint)
        }
      }
    }
  }

  private static let plannedNames: [(names: [String], hint: String)] = [
    (
      ["Pascal5i", "TCGA", "Bach"],
      "`ClassTasks(x, labels, ways: 5)` and `ImageFolder(\"root\", ways: 5)` take any images"
    ),
    (["CIFAR100"], "`CIFARFS(\"root\")` and `FC100(\"root\")` make tasks of CIFAR-100"),
    (["RMSprop"], "`Adam` and `SGD` are there"),
  ]

  /// `prototypicalLoss` as `prototypical_loss`; names that begin with a capital stay.
  private static func snakeCase(_ name: String) -> String {
    guard name.first?.isLowercase == true, name != "iMAML" else { return name }
    return String(name.flatMap { $0.isUppercase ? "_" + $0.lowercased() : String($0) })
  }
}
