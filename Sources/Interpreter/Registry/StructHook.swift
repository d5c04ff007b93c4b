/// Makes more of a struct whose inheritance clause has this name: `struct Net: MetaModule`.
///
/// After `init` has run, the instance is handed to `make`; what it returns is what the program sees as the instance. It is
/// a reference: its ``HostObject/structInstance`` is the given instance, whose properties and methods are found first, and
/// the members of the registry type ``typeName`` after them. `self` in methods is that object.
public struct StructHook: Sendable {
  public let name: String
  public let typeName: String
  public let documentation: Documentation
  /// Problems of a declaration, found when its cell is checked ("a `MetaModule` needs a method `forward`").
  public let check: @Sendable (StructDefinition) -> [String]
  public let make: @Sendable (StructInstance, Evaluation) throws -> any HostObject
}
