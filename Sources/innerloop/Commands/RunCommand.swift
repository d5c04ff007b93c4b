import ArgumentParser

/// `innerloop run FILE.loop [-- args]`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Run a script.")

  @Argument(help: "The script.", completion: .file(extensions: ["loop"]))
  var file: String
  @Argument(help: "What the script finds in `args`.")
  var arguments: [String] = []

  func run() throws {
    throw ExitCode(ScriptRunner(arguments: arguments).run(try SourceFile.read(file), name: file))
  }
}
