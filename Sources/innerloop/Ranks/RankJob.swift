import Diagnostics
import Display
import Foundation
import Interpreter
import MPIRanks
import MetaLearning
import Session

/// The job of several processes that this one belongs to, where `mpirun` or `srun` started it as one of them.
///
/// All ranks run the same program. The first one prints, draws, asks and writes.
struct RankJob: Sendable {
  let mpi: MPIJob

  var isFirst: Bool { mpi.rank == 0 }

  /// Joins the others; nil for a process on its own.
  /// - Throws: ``MPIError``.
  static func join() throws(MPIError) -> RankJob? {
    guard MPIJob.isWanted else { return nil }
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let folder = URL(fileURLWithPath: program).deletingLastPathComponent().path
    let silence = ProcessInfo.processInfo.environment["INNERLOOP_RANK_SILENCE"].flatMap(Double.init)
    let job = RankJob(
      mpi: try MPIJob(library: "\(folder)/libCMPI.so", silence: silence.map { max(1, $0) } ?? 10))
    Ranks.join(job.mpi)
    return job
  }

  /// Runs a program's text on this rank.
  ///
  /// - Returns: its result, which on the first rank tells of a failure of any.
  func run(_ session: LanguageSession, _ text: String, name: String, output: any OutputSink) -> RunResult {
    var result = session.run(text, name: name, output: RankSink(isFirst ? output : nil))
    do {
      switch try Ranks.end(ProgramEnd(result)) {
      case .succeeded: break
      case .interrupted where result.ending == .succeeded:
        result.end(.interrupted, [.interrupted])
      case .failed(let rank, let reason) where result.ending == .succeeded:
        result.end(.failed, [Diagnostic(id: "rank-failed", message: "rank \(rank): \(reason)")])
      default: break
      }
    } catch {
      result.end(.failed, [Diagnostic(id: "rank-failed", message: "\(error)")])
    }
    return result
  }
}

/// What a program's end on one rank tells the others.
private struct ProgramEnd: InterruptReport, CustomStringConvertible {
  let isInterrupt: Bool
  let description: String

  /// nil when the program came to its end.
  init?(_ result: RunResult) {
    guard result.ending != .succeeded else { return nil }
    isInterrupt = result.ending == .interrupted
    description = result.diagnostics.first?.message ?? "it failed"
  }
}

/// What a program on one of several ranks writes to: the first rank's output, or nothing. What the first rank reads, all
/// do.
private final class RankSink: ForwardingSink {
  let next: (any OutputSink)?

  init(_ sink: (any OutputSink)?) { next = sink }

  func readLine(prompt: String, isPassword: Bool) throws -> String? {
    try Ranks.text { try next?.readLine(prompt: prompt, isPassword: isPassword) }
  }
}
