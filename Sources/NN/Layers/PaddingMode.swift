import ArrayCore
import Autograd

/// What a convolution sees beyond the edge.
public enum PaddingMode: String, CaseIterable, Sendable {
  /// Zeros.
  case zeros
  /// The numbers inside, mirrored at the edge, which is not repeated; less than the axis has.
  case reflect
  /// The number at the edge.
  case replicate
  /// The other end; at most as much as the axis has.
  case circular

  /// The number inside that stands at a place outside, of an axis of `count`.
  private func source(of place: Int, count: Int) -> Int {
    switch self {
    case .zeros, .replicate: min(max(place, 0), count - 1)
    case .reflect: place < 0 ? -place : place >= count ? 2 * (count - 1) - place : place
    case .circular: (place + count) % count
    }
  }

  /// The tensor [batch, channels, …] with as much more at both ends of each axis behind the channels.
  func padded(_ x: Tensor, _ padding: [Int], for module: String) throws -> Tensor {
    var result = x
    for (offset, padding) in padding.enumerated() where padding > 0 {
      let axis = 2 + offset
      let count = x.shape[axis]
      let most = self == .reflect ? count - 1 : self == .circular ? count : count > 0 ? Int.max : 0
      guard padding <= most else {
        throw NNError.argument(
          type: module, reason: "padding \(padding) by `.\(rawValue)` does not fit an axis of \(count)")
      }
      let places = (-padding..<count + padding).map { source(of: $0, count: count) }
      result = try result.take(Tensor(places), axis: axis)
    }
    return result
  }
}
