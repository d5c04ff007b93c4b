import Glibc

/// The user's own folders of Jupyter; nil without a home.
package enum JupyterFolders {
  /// `$JUPYTER_DATA_DIR`, else `$XDG_DATA_HOME/jupyter`, else `~/.local/share/jupyter`.
  package static var data: String? {
    variable("JUPYTER_DATA_DIR") ?? variable("XDG_DATA_HOME").map { "\($0)/jupyter" }
      ?? variable("HOME").map { "\($0)/.local/share/jupyter" }
  }

  /// Where the connection files of running kernels lie: `$JUPYTER_RUNTIME_DIR`, else `runtime` in the data folder.
  package static var runtime: String? { variable("JUPYTER_RUNTIME_DIR") ?? data.map { "\($0)/runtime" } }

  /// A variable of the environment that is not empty.
  static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
