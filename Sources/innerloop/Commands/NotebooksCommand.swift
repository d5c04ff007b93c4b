import ArgumentParser
import Foundation
import JupyterWire

/// `innerloop notebooks`
struct NotebooksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notebooks", abstract: "Copy the notebooks that came with this program into a folder.",
    discussion: "A file that is there already is kept, with what was changed in it.")

  @Argument(help: "The folder, made when it is missing.", completion: .directory)
  var folder = "innerloop-notebooks"

  func run() throws {
    do {
      let source = try NotebooksCommand.installed()
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: source).sorted() {
        let target = "\(folder)/\(name)"
        if FileManager.default.fileExists(atPath: target) {
          print("\(target) is there already and stays as it is")
        } else {
          try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: target)
          print(target)
        }
      }
    } catch let error as Failure {
      try fail(error.description)
    } catch let error as KernelSpecError {
      try fail("\(error)")
    } catch {
      try fail("the notebooks could not be copied to \(folder): \(error.localizedDescription)")
    }
  }

  /// Where a package puts the notebooks: beside the folder of the program.
  private static func installed() throws -> String {
    let program = try KernelSpec.runningExecutable()
    let prefix = URL(fileURLWithPath: program).deletingLastPathComponent().deletingLastPathComponent().path
    let folder = "\(prefix)/share/innerloop/notebooks"
    guard FileManager.default.fileExists(atPath: folder) else { throw Failure(program: program) }
    return folder
  }

  private func fail(_ sentence: String) throws {
    FileHandle.standardError.write(Data("innerloop: \(sentence)\n".utf8))
    throw ExitCode(1)
  }

  /// The program is no package's.
  private struct Failure: Error, CustomStringConvertible {
    let program: String
    var description: String {
      "no notebooks came with \(program); those of the source are in its folder notebooks"
    }
  }
}
