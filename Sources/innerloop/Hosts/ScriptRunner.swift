import Diagnostics
import Display
import Foundation
import Interpreter
import MetaLearning
import Session

/// Runs a whole text as one program: `innerloop run`, `innerloop check`, `-e`, standard input.
struct ScriptRunner {
  /// What the program finds in `args`.
  var arguments: [String] = []
  /// Whether the value of the last statement is shown.
  var showsValue = false

  /// The exit status: 0, 1 when the program failed, 130 when Ctrl-C ended it.
  func run(_ source: Data, name: String) -> Int32 {
    guard let text = decoded(source, name: name) else { return 1 }
    return run(text, name: name)
  }

  func run(_ text: String, name: String) -> Int32 { run(name: name) { text } }

  /// - Parameter program: makes the program, on the first rank of a job for all; what it throws it has told.
  func run(name: String, making program: @escaping () throws -> String) -> Int32 {
    // Called once, while this thread waits.
    nonisolated(unsafe) let program = program
    return LargeStackThread.run {
      let job: RankJob?
      do { job = try RankJob.join() } catch {
        report([Diagnostic(id: "mpi", message: "\(error)")])
        return 1
      }
      guard let text = try? Ranks.text(of: program) else {
        job?.mpi.finish()
        return job?.isFirst == false ? 0 : 1
      }
      let sink = ConsoleSink()
      let session = LanguageSession.innerloop(history: HistoryStore(path: nil))
      session.define("args", .strings(arguments))
      InterruptSignal.forward {
        session.interrupt()
        job?.mpi.interruptOthers()
      }
      job?.mpi.whenInterrupted { session.interrupt() }
      if job?.mpi.isInterrupted == true { session.interrupt() }
      sink.stopReading { session.isInterrupted }
      let result =
        job?.run(session, text, name: name, output: sink) ?? session.run(text, name: name, output: sink)
      job?.mpi.finish()
      // The first rank speaks for all.
      if job?.isFirst == false { return 0 }
      for page in result.pages { sink.write(page.plainText + "\n", to: .standardOutput) }
      if showsValue, let value = result.value { sink.display(value) }
      report(result.diagnostics)
      switch result.ending {
      case .succeeded: return 0
      case .failed: return 1
      case .interrupted: return 130
      }
    }
  }

  /// Tells the problems; exit status 1 when there are any.
  func check(_ source: Data, name: String) -> Int32 {
    guard let text = decoded(source, name: name) else { return 1 }
    return LargeStackThread.run {
      let session = LanguageSession.innerloop(history: HistoryStore(path: nil))
      session.define("args", .strings([]))
      let diagnostics = session.check(text, name: name)
      report(diagnostics)
      return diagnostics.contains { $0.severity == .error } ? 1 : 0
    }
  }

  private func decoded(_ source: Data, name: String) -> String? {
    guard let text = String(validating: source, as: UTF8.self) else {
      report([Diagnostic(id: "not-utf8", message: "\(name) is not UTF-8 text")])
      return nil
    }
    return text
  }

  private func report(_ diagnostics: [Diagnostic]) {
    guard !diagnostics.isEmpty else { return }
    let text = DiagnosticRenderer.standardError.render(diagnostics)
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
