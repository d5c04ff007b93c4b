internal import JSONCoding

/// The description by which Jupyter finds and starts the kernel.
public struct KernelSpec: Hashable, Sendable {
  /// The folder's name, by which clients ask for the kernel.
  public var name: String
  public var displayName: String
  /// The absolute path of the program.
  public var executable: String

  public init(name: String = "innerloop", displayName: String = "Innerloop", executable: String) {
    self.name = name
    self.displayName = displayName
    self.executable = executable
  }

  /// The text of `kernel.json`.
  public var kernelJSON: String {
    let json: JSONValue = [
      "argv": [.string(executable), "kernel", "{connection_file}"],
      "display_name": .string(displayName),
      "language": "innerloop",
      "interrupt_mode": "message",
      "kernel_protocol_version": .string(JupyterProtocol.version),
      "metadata": ["debugger": true, "supported_encryption": ["curve"]],
    ]
    return json.serialized() + "\n"
  }
}
