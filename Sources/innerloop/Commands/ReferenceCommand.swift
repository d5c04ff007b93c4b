import ArgumentParser
import Interpreter
import Prelude

/// `innerloop reference`
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Print the reference of every name of the language, as Markdown.")

  func run() { print(ReferencePage(InnerloopLanguage.registry).markdown, terminator: "") }
}
