import Glibc

extension KernelSpec {
  /// Where Jupyter looks for kernels.
  public enum Place: Hashable, Sendable {
    /// The user's own data folder: `$JUPYTER_DATA_DIR`, else `$XDG_DATA_HOME/jupyter`, else `~/.local/share/jupyter`.
    case user
    /// `share/jupyter` below a prefix, such as `/usr/local`.
    case prefix(String)
    /// The active virtual environment's prefix: `$VIRTUAL_ENV` or `$CONDA_PREFIX`.
    case environment

    /// The folder that holds a folder for each kernel.
    public func folder() throws(KernelSpecError) -> String {
      switch self {
      case .user:
        guard let data = JupyterFolders.data else { throw .noHome }
        return "\(data)/kernels"
      case .prefix(let path):
        return "\(path)/share/jupyter/kernels"
      case .environment:
        let variable = JupyterFolders.variable
        guard let prefix = variable("VIRTUAL_ENV") ?? variable("CONDA_PREFIX") else { throw .noEnvironment }
        return "\(prefix)/share/jupyter/kernels"
      }
    }
  }

  /// The absolute path of the program that is running.
  public static func runningExecutable() throws(KernelSpecError) -> String {
    guard let path = realpath("/proc/self/exe", nil) else {
      throw KernelSpecError(FileError("/proc/self/exe"))
    }
    defer { free(path) }
    return String(cString: path)
  }

  /// Writes `kernel.json` and the logos, in place of what an earlier installation left.
  ///
  /// The files are written beside their place and moved there together, so that a failure leaves the old ones.
  /// - Returns: The folder written.
  @discardableResult
  public func install(_ place: Place) throws(KernelSpecError) -> String {
    let parent = try place.folder()
    let folder = try KernelSpec.folder(name, in: parent)
    let fresh = "\(parent)/.\(name).\(getpid())"
    do throws(FileError) {
      try makeFolder(fresh)
      try writeFile("\(fresh)/kernel.json", Array(kernelJSON.utf8))
      for (file, bytes) in KernelSpec.logos { try writeFile("\(fresh)/\(file)", bytes) }
      if access(folder, F_OK) == 0 { try removeFlatFolder(folder) }
      guard rename(fresh, folder) == 0 else { throw FileError(folder) }
    } catch {
      try? removeFlatFolder(fresh)
      throw KernelSpecError(error)
    }
    return folder
  }

  /// Removes an installed kernelspec.
  /// - Returns: The folder removed.
  @discardableResult
  public static func uninstall(name: String = "innerloop", from place: Place) throws(KernelSpecError)
    -> String
  {
    let folder = try folder(name, in: place.folder())
    guard access("\(folder)/kernel.json", F_OK) == 0 else { throw .notInstalled(folder: folder) }
    do { try removeFlatFolder(folder) } catch { throw KernelSpecError(error) }
    return folder
  }

  /// The folder of a kernel, whose name must be one Jupyter accepts.
  private static func folder(_ name: String, in parent: String) throws(KernelSpecError) -> String {
    let isValid = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isValid, !name.isEmpty, !name.hasPrefix(".") else { throw .invalidName(name) }
    return "\(parent)/\(name)"
  }
}
