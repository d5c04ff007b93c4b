internal import JSONCoding

/// The description by which Jupyter finds and starts the kernel.
public struct KernelSpec: Hashable, Sendable {
  public static let ownName = "innerloop"
  /// The name of the kernel whose cells run on several ranks.
  public static let nameOfRanks = "innerloop-mpi"

  /// The folder's name, by which clients ask for the kernel.
  public var name: String
  public var displayName: String
  /// The absolute path of the program.
  public var executable: String
  /// How many processes run each cell, started by `mpirun`.
  public var ranks: Int

  public init(
    name: String = ownName, displayName: String = "Innerloop", executable: String, ranks: Int = 1
  ) {
    self.name = name
    self.displayName = displayName
    self.executable = executable
    self.ranks = ranks
  }

  /// The kernel whose cells run on several ranks.
  public static func ofRanks(_ ranks: Int, executable: String) -> KernelSpec {
    KernelSpec(
      name: nameOfRanks, displayName: "Innerloop (\(ranks) ranks)", executable: executable, ranks: ranks)
  }

  private var command: [String] {
    let kernel = [executable, "kernel", "{connection_file}"]
    return ranks > 1 ? ["mpirun", "-n", "\(ranks)", "--oversubscribe"] + kernel : kernel
  }

  /// The text of `kernel.json`.
  public var kernelJSON: String {
    let json: JSONValue = [
      "argv": .array(command.map { .string($0) }),
      "display_name": .string(displayName),
      "language": "innerloop",
      "interrupt_mode": "message",
      "kernel_protocol_version": .string(JupyterProtocol.version),
      "metadata": ["debugger": true, "supported_encryption": ["curve"]],
    ]
    return json.serialized() + "\n"
  }
}
