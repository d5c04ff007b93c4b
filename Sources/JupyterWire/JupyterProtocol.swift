/// The Jupyter messaging protocol this kernel speaks, stated here and nowhere else.
public enum JupyterProtocol {
  /// The version in `kernel_info_reply`, in every header and in the kernelspec.
  public static let version = "5.5"
  /// The frame between routing identities and the signed part of a message.
  package static let delimiter = Array("<IDS|MSG>".utf8)
}
