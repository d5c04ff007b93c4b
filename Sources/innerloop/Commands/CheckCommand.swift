import ArgumentParser

/// `innerloop check FILE`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Tell a script's problems without running it.")

  @Argument(help: "The script.", completion: .file(extensions: ["loop"]))
  var file: String

  func run() throws {
    throw ExitCode(ScriptRunner().check(try SourceFile.read(file), name: file))
  }
}
