import Glibc
import NN

/// The folder of a training run, which one process at a time may use.
///
/// `last.safetensors` and `best.safetensors` are checkpoints of the learner; `training.csv` has a row for each
/// meta-update and `validation.csv` one for each validation; `events.out.tfevents.…` are TensorBoard's.
final class RunFolder {
  let path: String
  private let descriptor: Int32?

  var last: String { "\(path)/last.safetensors" }
  var best: String { "\(path)/best.safetensors" }

  /// Makes the folder, with those above it, where it is missing.
  init(_ path: String) throws {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw LearningError.checkpoint(path: path, reason: "it is no name of a folder")
    }
    self.path = path
    try Self.make(path)
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(path) }
    self.descriptor = descriptor
    // The lock ends with the process, however that ends.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      throw isTaken
        ? LearningError.checkpoint(path: path, reason: "another training run uses this folder")
        : systemError(path)
    }
    for file in ["last.safetensors", "best.safetensors", "training.csv", "validation.csv"] {
      removeAbandonedWrites(of: file, in: path)
    }
  }

  /// The folder that another process of the same job uses.
  init(reading path: String) {
    self.path = path
    descriptor = nil
  }

  deinit { if let descriptor { close(descriptor) } }

  func has(_ file: String) -> Bool { access(file, F_OK) == 0 }

  private static func make(_ path: String) throws {
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex else {
      throw systemError(path)
    }
    try make(String(path[..<slash]))
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw systemError(path) }
  }
}
