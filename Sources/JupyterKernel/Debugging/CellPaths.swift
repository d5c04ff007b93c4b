import Glibc
internal import JSONCoding

/// How clients and kernel name the text of a cell to each other: by a path that holds the text's hash. No such file is
/// written; the text is had by the `source` request.
struct CellPaths: Sendable {
  private static let seed: UInt32 = 0xC70F_6907
  let prefix = "/tmp/innerloop_\(getpid())/"
  let suffix: String

  func path(of code: String) -> String { "\(prefix)\(MurmurHash2.hash(code, seed: CellPaths.seed))\(suffix)" }

  /// What a client must know to name cells alike.
  var description: JSONValue {
    [
      "hashMethod": "Murmur2", "hashSeed": .int(Int(CellPaths.seed)), "tmpFilePrefix": .string(prefix),
      "tmpFileSuffix": .string(suffix),
    ]
  }
}
