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
    let status = KernelCommand.serve(connectionFile)
    if status != 0 { throw ExitCode(status) }
  }

  /// Serves until the kernel ends.
  /// - Returns: The exit status.
  static func serve(_ connectionFile: String) -> Int32 {
    do {
      let job = try RankJob.join()
      if let job, !job.isFirst { return RankFollower.follow(job) }
      try KernelServer.run(connectionFile: connectionFile) { SessionLanguageHost(job: job) }
      return 0
    } catch {
      FileHandle.standardError.write(Data("innerloop kernel: \(error)\n".utf8))
      return 1
    }
  }

  /// The connection file when the command line is the one Jupyter uses. It is not parsed further: a front end first
  /// tries to connect ten milliseconds after it has started a kernel, and again only a tenth of a second later.
  static func connectionFile(of arguments: [String]) -> String? {
    guard arguments.count == 3, arguments[1] == "kernel", !arguments[2].hasPrefix("-") else { return nil }
    return arguments[2]
  }
}
