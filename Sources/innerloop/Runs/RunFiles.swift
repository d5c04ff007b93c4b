import ArgumentParser
import Foundation

/// The files of a run that are not the learner's: its configuration and its program.
enum RunFiles {
  /// Writes both into the folder of a run, or finds that it is the same run as before.
  /// - Returns: The program.
  static func prepare(_ folder: String, _ configuration: RunConfiguration) throws -> String {
    let file = "\(folder)/\(RunConfiguration.fileName)"
    if FileManager.default.fileExists(atPath: file) {
      let differences = configuration.differences(from: try Self.configuration(file))
      guard differences.isEmpty else {
        try fail(
          "\(folder) is of a run with other settings (\(differences.joined(separator: ", "))); choose another folder, or go on with --config \(file)"
        )
      }
    }
    let program = RunProgram(configuration: configuration).training(in: folder)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try configuration.json.write(to: URL(fileURLWithPath: file), options: .atomic)
      try Data(program.utf8).write(to: URL(fileURLWithPath: "\(folder)/train.loop"), options: .atomic)
    } catch {
      try fail("\(folder) cannot be written: \(error.localizedDescription)")
    }
    return program
  }

  /// - Throws: exit status 1 after a sentence on standard error.
  static func configuration(_ path: String) throws -> RunConfiguration {
    do {
      let found = try RunConfiguration(reading: path)
      if let problem = found.problem { try fail("\(path): \(problem)") }
      return found
    } catch let error as ExitCode { throw error } catch let error as DecodingError {
      try fail("\(path) is no configuration of a run: \(Self.words(error))")
    } catch {
      let isMissing = !FileManager.default.fileExists(atPath: path)
      try fail("\(path) cannot be read: \(isMissing ? "there is no such file" : error.localizedDescription)")
    }
  }

  private static func words(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" has another type"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "it is no JSON" : "\"\(context.codingPath[0].stringValue)\" has no value that is known"
    @unknown default: "it cannot be decoded"
    }
  }

  static func fail(_ sentence: String) throws -> Never {
    FileHandle.standardError.write(Data("innerloop: \(sentence)\n".utf8))
    throw ExitCode(1)
  }
}
