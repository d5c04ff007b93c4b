import ArgumentParser
import Display
import Foundation
import Interpreter
import REPL
import Session

/// `innerloop repl`
struct ReplCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl", abstract: "Type lines and see what they give.")

  func run() throws {
    let status = LargeStackThread.run {
      let sink = ConsoleSink()
      return InteractiveLoop(host: SessionREPLHost(sink: sink), sink: sink).run()
    }
    throw ExitCode(status)
  }
}
