import Glibc

/// Why Graphviz drew nothing.
public struct GraphvizError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

/// Graphviz's `dot`, as a program of its own: it is not part of this one.
public enum Graphviz {
  /// Lays out a graph in Graphviz's language and draws it as SVG.
  ///
  /// - Parameters:
  ///   - program: the name or path of `dot`.
  ///   - seconds: how long it may take.
  ///   - check: called now and then meanwhile; what it throws ends the drawing.
  /// - Throws: ``GraphvizError``, or what `check` throws.
  public static func svg(
    of dot: String, program: String = "dot", seconds: Double = 20, check: () throws -> Void = {}
  ) throws -> String {
    // Files without a name: no end has to wait for another as with pipes.
    guard let input = tmpfile(), let output = tmpfile(), let messages = tmpfile() else {
      throw GraphvizError(description: "no temporary file can be made: \(String(cString: strerror(errno)))")
    }
    defer { for file in [input, output, messages] { fclose(file) } }
    fputs(dot, input)
    rewind(input)
    let process = try start(program, [fileno(input), fileno(output), fileno(messages)])
    var status: Int32 = 0
    do {
      let deadline = TrainingProgress.monotonicNanoseconds() + UInt64(max(0, min(seconds, 3600)) * 1e9)
      while true {
        let ended = waitpid(process, &status, WNOHANG)
        if ended == process { break }
        if ended < 0 && errno != EINTR {
          throw GraphvizError(description: "`\(program)` was lost: \(String(cString: strerror(errno)))")
        }
        try check()
        if TrainingProgress.monotonicNanoseconds() > deadline {
          throw GraphvizError(
            description:
              "Graphviz took more than \(NumberText.compact(seconds)) seconds; draw fewer nodes with `maxNodes:`"
          )
        }
        usleep(2000)
      }
    } catch {
      kill(process, SIGKILL)
      waitpid(process, &status, 0)
      throw error
    }
    let drawing = text(output)
    guard status == 0, let begin = drawing.firstRange(of: "<svg") else {
      let message = text(messages).split(separator: "\n").first.map { ": \(Escaping.line(String($0)))" } ?? ""
      throw GraphvizError(description: "Graphviz's `\(program)` failed\(message)")
    }
    return String(drawing[begin.lowerBound...])
  }

  private static func start(_ program: String, _ descriptors: [Int32]) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (place, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
    }
    // A group and signals of its own: Ctrl-C is for this program, which ends the other.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    var arguments = [strdup(program), strdup("-Tsvg"), nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let problem = posix_spawnp(&process, program, &actions, &attributes, &arguments, environ)
    guard problem == 0 else {
      throw GraphvizError(
        description: problem == ENOENT
          ? "an SVG needs Graphviz, whose program `\(program)` was not found: install the package `graphviz`; "
            + "Mermaid (.mmd) and DOT (.dot) do without"
          : "`\(program)` cannot be started: \(String(cString: strerror(problem)))")
    }
    return process
  }

  private static func text(_ file: UnsafeMutablePointer<FILE>) -> String {
    rewind(file)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
