import ArgumentParser
import Foundation
import JupyterWire

/// Where the kernelspec goes.
struct PlaceOptions: ParsableArguments {
  @Flag(help: "For this user (the default).")
  var user = false
  @Option(help: "Below this folder, in share/jupyter/kernels: a virtual environment, say.")
  var prefix: String?

  var place: KernelSpec.Place { prefix.map { .prefix($0) } ?? .user }

  func validate() throws {
    if user, prefix != nil { throw ValidationError("--user and --prefix exclude each other.") }
  }
}

/// `innerloop install`
struct InstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Tell Jupyter where this kernel is.")

  @OptionGroup var options: PlaceOptions
  @Option(help: ArgumentHelp("A kernel of its own whose cells run on so many processes.", valueName: "ranks"))
  var mpi: Int?

  func validate() throws {
    if let mpi, !(2...4096).contains(mpi) {
      throw ValidationError("--mpi takes 2 to 4096 ranks, not \(mpi).")
    }
  }

  func run() throws {
    try reporting {
      let executable = try KernelSpec.runningExecutable()
      let spec = mpi.map { .ofRanks($0, executable: executable) } ?? KernelSpec(executable: executable)
      print("installed the kernel in \(try spec.install(options.place))")
    }
  }
}

/// `innerloop uninstall`
struct UninstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Remove what `install` wrote.")

  @OptionGroup var options: PlaceOptions
  @Flag(help: "The kernel of several processes, which `install --mpi` wrote.")
  var mpi = false

  func run() throws {
    try reporting {
      let name = mpi ? KernelSpec.nameOfRanks : KernelSpec.ownName
      print("removed the kernel from \(try KernelSpec.uninstall(name: name, from: options.place))")
    }
  }
}

/// Runs and, when it fails, says why in a sentence and exits with 1.
private func reporting(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as KernelSpecError {
    FileHandle.standardError.write(Data("innerloop: \(error)\n".utf8))
    throw ExitCode(1)
  }
}
