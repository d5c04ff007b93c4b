import ArgumentParser
import Foundation

/// The command line: `innerloop` alone is a REPL on a terminal, else a script on standard input.
struct Innerloop: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "innerloop",
    abstract: "Gradient-based meta-learning in a small Swift-like language.",
    discussion: "Without a subcommand: a REPL on a terminal, else a script on standard input.",
    version: version,
    subcommands: [
      RunCommand.self, CheckCommand.self, ReplCommand.self, KernelCommand.self, InstallCommand.self,
      UninstallCommand.self, NotebooksCommand.self, BenchCommand.self, TrainCommand.self, TestCommand.self,
      ReferenceCommand.self,
    ])

  @Option(name: .short, help: ArgumentHelp("Run this code and show its value.", valueName: "code"))
  var e: String?

  func run() throws {
    if let e { throw ExitCode(ScriptRunner(showsValue: true).run(e, name: "-e")) }
    guard isatty(STDIN_FILENO) == 0 else { return try ReplCommand.parse([]).run() }
    let source = FileHandle.standardInput.readDataToEndOfFile()
    throw ExitCode(ScriptRunner().run(source, name: "standard input"))
  }
}

/// Starts the program: exit status 0 on success, 1 when the program failed, 2 on bad usage.
@main
enum Main {
  static func main() {
    if let file = KernelCommand.connectionFile(of: CommandLine.arguments) { exit(KernelCommand.serve(file)) }
    do {
      var command = try Innerloop.parseAsRoot()
      try command.run()
    } catch {
      let code = Innerloop.exitCode(for: error)
      guard code == .validationFailure else { Innerloop.exit(withError: error) }
      FileHandle.standardError.write(Data((Innerloop.fullMessage(for: error) + "\n").utf8))
      exit(2)
    }
  }
}
