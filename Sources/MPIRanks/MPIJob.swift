import Glibc
import MetaLearning
import Synchronization

/// The processes that `mpirun` or `srun` started together: ``Communicator`` by MPI.
///
/// MPI is called by one thread at a time and never waits inside: a thread of its own listens for words of other ranks
/// while the program computes or waits.
public final class MPIJob: Communicator, @unchecked Sendable {
  public let rank: Int
  public let size: Int
  let library: MPILibrary
  /// Held for every call of MPI.
  let calls = Mutex(())
  private let isOver = Atomic(false)

  /// Whether this process was started as one of several.
  public static var isWanted: Bool {
    if let size = getenv("OMPI_COMM_WORLD_SIZE") { return (Int(String(cString: size)) ?? 1) > 1 }
    // `srun --mpi=pmix`; a batch script itself has no number.
    guard getenv("PMIX_RANK") != nil, let tasks = getenv("SLURM_NTASKS") else { return false }
    return (Int(String(cString: tasks)) ?? 1) > 1
  }

  /// Joins the other processes.
  ///
  /// - Parameters:
  ///   - path: of the library `CMPI`.
  ///   - silence: how long another rank may show no sign of life before the job ends, in seconds.
  public init(library path: String, silence: Double = 10) throws(MPIError) {
    library = try MPILibrary(path: path)
    var (rank, size): (Int32, Int32) = (0, 0)
    try library.check(library.start(&rank, &size))
    self.rank = Int(rank)
    self.size = Int(size)
    if size > 1 { RankWatch(self, silence: silence).start() }
  }

  // MARK: Reductions

  /// More words than MPI's counts hold are several reductions.
  private static let limit = 1 << 28

  public func begin(
    _ words: UnsafeMutableBufferPointer<Int64>, _ operation: ReductionOperation
  ) throws -> any ReductionRequest {
    var requests: [UnsafeMutableRawPointer] = []
    var rest = words[...]
    while !rest.isEmpty {
      let part = rest.prefix(Self.limit)
      rest = rest.dropFirst(part.count)
      guard let address = UnsafeMutableBufferPointer(rebasing: part).baseAddress else { break }
      var request: UnsafeMutableRawPointer?
      let code = calls.withLock { _ in
        library.begin(address, Int32(part.count), operation == .sum ? 1 : 0, &request)
      }
      try check(code)
      if let request { requests.append(request) }
    }
    return Request(job: self, requests: requests)
  }

  private final class Request: ReductionRequest {
    let job: MPIJob
    var requests: [UnsafeMutableRawPointer]

    init(job: MPIJob, requests: [UnsafeMutableRawPointer]) {
      self.job = job
      self.requests = requests
    }

    /// Looks again and again, more seldom the longer it takes: processes may be more than processors.
    func wait() throws {
      while let request = requests.first {
        var looks = 0
        var slept: UInt32 = 0
        while true {
          var done: Int32 = 0
          try job.check(job.calls.withLock { _ in job.library.test(request, &done) })
          if done != 0 { break }
          looks += 1
          if looks < 500 {
            sched_yield()
          } else {
            // In microseconds: short against what has been waited for, since MPI moves its messages on only while it is
            // looked at, and never felt by who types the next cell.
            let rest = min(10000, 20 + slept / 256)
            usleep(rest)
            slept &+= rest
          }
        }
        requests.removeFirst()
      }
    }
  }

  /// A connection that fails ends the job: the others would wait for this rank for ever.
  private func check(_ code: Int32) throws {
    do { try library.check(code) } catch {
      end("rank \(rank) lost the others: \(error)")
      throw error
    }
  }

  // MARK: Words to other ranks

  /// What ranks tell each other whatever they are at.
  enum Word: Int64 {
    /// I am there.
    case sign = 1
    /// The user asked to stop.
    case interrupt = 2
  }

  /// A word and the number of the program that it is about travel as one.
  private static let programs: Int64 = 256

  func tell(_ word: Word, to rank: Int, program: Int = 0) {
    calls.withLock { _ in
      guard !isOver.load(ordering: .relaxed) else { return }
      _ = library.tell(Int32(rank), word.rawValue + Self.programs * Int64(program))
    }
  }

  func hear() -> (word: Word?, program: Int, rank: Int)? {
    calls.withLock { _ in
      var (rank, found): (Int32, Int32) = (0, 0)
      var word: Int64 = 0
      guard !isOver.load(ordering: .relaxed), library.hear(&rank, &word, &found) == 0, found != 0 else {
        return nil
      }
      return (Word(rawValue: word % Self.programs), Int(word / Self.programs), Int(rank))
    }
  }

  /// Tells all other ranks that the user asked to stop the program that runs.
  public func interruptOthers() {
    let program = Ranks.programNumber
    for other in 0..<size where other != rank { tell(.interrupt, to: other, program: program) }
  }

  private let interruption = Mutex<(@Sendable () -> Void)?>(nil)
  /// The program that another rank has told to stop; the word may come before that program, or after it.
  private let stopped = Atomic(-1)

  /// Calls `interrupt` when another rank tells that the user asked to stop.
  public func whenInterrupted(_ interrupt: @escaping @Sendable () -> Void) {
    interruption.withLock { $0 = interrupt }
  }

  /// Whether another rank has told that the user asked to stop the program that runs.
  public var isInterrupted: Bool { stopped.load(ordering: .sequentiallyConsistent) == Ranks.programNumber }

  public func takeInterrupt() { takeInterrupt(of: Ranks.programNumber) }

  func takeInterrupt(of program: Int) {
    stopped.store(program, ordering: .sequentiallyConsistent)
    if isInterrupted { interruption.withLock { $0 }?() }
  }

  // MARK: The end

  var isEnded: Bool { isOver.load(ordering: .relaxed) }

  /// Leaves the job, when all ranks do.
  public func finish() {
    calls.withLock { _ in
      isOver.store(true, ordering: .relaxed)
      _ = library.finish()
    }
  }

  /// Ends all processes of the job, whatever they are at.
  public func abandon() { library.abort(1) }

  /// Ends all processes of the job after a message.
  func end(_ reason: String) {
    let text =
      "innerloop: \(reason). The job ends; a checkpoint that a run has left is whole: run it again to go on.\n"
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    // A status that scripts of a batch system tell from a program's own failure.
    library.abort(75)
  }
}
