import Glibc

extension HistoryStore {
  /// Where history is kept: `$INNERLOOP_HISTORY`, else `$XDG_STATE_HOME/innerloop/history.sqlite`, else
  /// `~/.local/state/innerloop/history.sqlite`; nil, for memory only, when there is no home or the first is empty.
  public static func defaultPath() -> String? {
    path(
      override: variable("INNERLOOP_HISTORY"), stateHome: variable("XDG_STATE_HOME"), home: variable("HOME"))
  }

  package static func path(override: String?, stateHome: String?, home: String?) -> String? {
    if let override { return override.isEmpty ? nil : override }
    // The XDG specification ignores relative paths.
    if let stateHome, stateHome.hasPrefix("/") { return stateHome + "/innerloop/history.sqlite" }
    guard let home, home.hasPrefix("/") else { return nil }
    return home + "/.local/state/innerloop/history.sqlite"
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
