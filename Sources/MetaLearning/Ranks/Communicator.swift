/// The processes of one job and what they can do together: element-wise reductions of words, which every rank must begin
/// in the same order and with the same number of them.
public protocol Communicator: AnyObject, Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// How many processes there are.
  var size: Int { get }

  /// Begins to replace the words by their reduction over all ranks, which goes on in the background.
  ///
  /// - Parameters:
  ///   - words: not to be touched until ``ReductionRequest/wait()`` has returned; they outlive it.
  ///   - operation: how words are joined.
  func begin(
    _ words: UnsafeMutableBufferPointer<Int64>, _ operation: ReductionOperation
  ) throws -> any ReductionRequest

  /// Another rank tells that the user asked to stop: as if this one had been asked.
  func takeInterrupt()
}

/// How the words of all ranks become one. Sums wrap around.
public enum ReductionOperation: Sendable { case maximum, sum }

/// A reduction under way.
public protocol ReductionRequest {
  /// Returns when the words are reduced.
  func wait() throws
}

extension Communicator {
  /// The reduction of the words, when it is done.
  func reduce(_ words: inout [Int64], _ operation: ReductionOperation) throws {
    try words.withUnsafeMutableBufferPointer { try begin($0, operation).wait() }
  }
}
