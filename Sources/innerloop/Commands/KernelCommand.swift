import ArgumentParser
import Foundation
import JupyterKernel

/// `innerloop kernel CONNECTION_FILE`, which Jupyter starts.
struct KernelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel", abstract: "Serve a Jupyter front end; Jupyter starts this.")

  @Argument(help: "The file in which Jupyter says where to listen.")
  var connectionFile: String

  func run() throws {
    do {
      try KernelServer.run(connectionFile: connectionFile, host: SessionLanguageHost())
    } catch {
      FileHandle.standardError.write(Data("innerloop kernel: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }
}
