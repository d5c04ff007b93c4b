import Glibc
internal import JupyterWire
internal import Logging

/// Runs a kernel for a language.
///
/// ```swift
/// try KernelServer.run(connectionFile: path) { MyLanguage() }
/// exit(0)
/// ```
public enum KernelServer {
  /// Serves until the kernel is shut down, its parent dies, or SIGTERM arrives; then returns, for the program to exit
  /// with 0. A cell that does not end in time keeps its thread, which ends with the program.
  ///
  /// Messages about the kernel itself go to standard error, by default only warnings; the environment variable
  /// `INNERLOOP_LOG` sets another level (`trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`).
  ///
  /// - Parameter host: makes the language. It is asked when the kernel already listens, so that the first attempt of a
  ///   client to connect succeeds: the next would come a tenth of a second later.
  /// - Throws: ``ConnectionFileError`` or ``KernelServerError``, before anything has been served.
  public static func run(connectionFile path: String, host: () -> any LanguageHost) throws {
    let connection = try ConnectionInfo(file: path)
    let sockets = try KernelSockets(connection)
    let signals = try WakePipe()
    Signals.install(into: signals)
    let kernel = try RunningKernel(
      sockets: sockets, key: connection.key, host: host(), logger: makeLogger(), signals: signals,
      parent: ParentProcess())
    kernel.waitUntilEnded()
  }

  private static func makeLogger() -> Logger {
    var logger = Logger(label: "innerloop.kernel", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel =
      getenv("INNERLOOP_LOG").flatMap { Logger.Level(rawValue: String(cString: $0)) } ?? .warning
    return logger
  }
}
