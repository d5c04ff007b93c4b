import ArgumentParser
import Display
import Foundation
import Interpreter
import JupyterKernel
import REPL
import Session

/// `innerloop repl`
struct ReplCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl", abstract: "Type lines and see what they give.")

  @Flag(help: "Attach to a kernel that runs already, such as a notebook's.")
  var existing = false
  @Argument(help: "The kernel's connection file; by default that of the kernel started last.")
  var connectionFile: String?

  func validate() throws {
    if connectionFile != nil, !existing {
      throw ValidationError("A connection file needs --existing; to run a script, use `innerloop run`.")
    }
  }

  func run() throws {
    let existing = existing ? try connectionFile ?? KernelClient.latestConnectionFile() : nil
    let status = LargeStackThread.run { () -> Result<Int32, any Error> in
      Result {
        let sink = ConsoleSink()
        let host: any REPLHost =
          if let existing { try KernelREPLHost(connectionFile: existing, sink: sink) } else {
            SessionREPLHost(sink: sink)
          }
        return InteractiveLoop(host: host, sink: sink).run()
      }
    }
    throw ExitCode(try status.get())
  }
}
