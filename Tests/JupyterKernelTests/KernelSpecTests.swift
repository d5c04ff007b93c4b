import Glibc
import JSONCoding
import JupyterWire
import Testing

@Suite("Kernelspec")
struct KernelSpecTests {
  /// The bytes of a file.
  private func contents(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"), "\(path) can be opened")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
  }

  private var sourceFolder: String {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/kernelspec"
  }

  @Test("installing replaces what was there; uninstalling removes it")
  func install() throws {
    let prefix = TemporaryFolder()
    let place = KernelSpec.Place.prefix(prefix.path)
    let spec = KernelSpec(executable: "/opt/bin/innerloop")
    let folder = try spec.install(place)
    #expect(folder == "\(prefix.path)/share/jupyter/kernels/innerloop")
    #expect(try spec.install(place) == folder)
    let json = try JSONValue(parsing: try contents("\(folder)/kernel.json"))
    #expect(json["argv"] == ["/opt/bin/innerloop", "kernel", "{connection_file}"])
    #expect(json["interrupt_mode"] == "message" && json["kernel_protocol_version"] == "5.5")
    #expect(try KernelSpec.uninstall(from: place) == folder)
    #expect(throws: KernelSpecError.notInstalled(folder: folder)) { try KernelSpec.uninstall(from: place) }
  }

  @Test("the logos installed are the repository's")
  func logos() throws {
    let prefix = TemporaryFolder()
    let folder = try KernelSpec(executable: "/x").install(.prefix(prefix.path))
    for name in ["logo-svg.svg", "logo-32x32.png", "logo-64x64.png"] {
      #expect(try contents("\(folder)/\(name)") == contents("\(sourceFolder)/\(name)"))
    }
  }

  @Test("the repository's template is what is installed, but for the path")
  func template() throws {
    let template = String(decoding: try contents("\(sourceFolder)/kernel.json"), as: UTF8.self)
    #expect(KernelSpec(executable: "@INNERLOOP@").kernelJSON == template)
  }

  @Test("names that could leave the folder, and places that cannot be written, are refused")
  func refusals() {
    for name in ["", "..", "a/b", ".hidden", "a b"] {
      #expect(throws: KernelSpecError.invalidName(name)) {
        try KernelSpec(name: name, executable: "/x").install(.prefix("/tmp"))
      }
    }
    #expect(throws: KernelSpecError.self) {
      try KernelSpec(executable: "/x").install(.prefix("/proc/nowhere"))
    }
  }

  @Test("the running program is named absolutely")
  func executable() throws {
    #expect(try KernelSpec.runningExecutable().hasPrefix("/"))
  }
}
