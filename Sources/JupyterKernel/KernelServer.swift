import Glibc
internal import JupyterWire
internal import Logging

/// Runs a kernel for a language.
///
/// ```swift
/// try KernelServer.run(connectionFile: path, host: MyLanguage())
/// exit(0)
/// ```
public enum KernelServer {
  /// Serves until the kernel is shut down, its parent dies, or SIGTERM arrives; then returns, for the program to exit
  /// with 0. A cell that does not end in time keeps its thread, which ends with the program.
  ///
  /// Messages about the kernel itself go to standard error, by default only warnings; the environment variable
  /// `INNERLOOP_LOG` sets another level (`trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`).
  ///
  /// - Throws: ``ConnectionFileError`` or ``KernelServerError``, before anything has been served.
  public static func run(connectionFile path: String, host: any LanguageHost) throws {
    let connection = try ConnectionInfo(file: path)
    let signals = try WakePipe()
    Signals.install(into: signals)
    let kernel = try RunningKernel(
      connection: connection, host: host, logger: makeLogger(), signals: signals, parent: ParentProcess())
    kernel.waitUntilEnded()
  }

  private static func makeLogger() -> Logger {
    var logger = Logger(label: "innerloop.kernel", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel =
      getenv("INNERLOOP_LOG").flatMap { Logger.Level(rawValue: String(cString: $0)) } ?? .warning
    return logger
  }
}
