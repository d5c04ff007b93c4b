/// Which values batch normalisation is taken over, and the windows of which each keeps one value.
///
/// Arrays are [N, C, spatial…], or [T, N, C, spatial…] with each task by itself.
public struct NormalizationGeometry: Hashable, Sendable {
  /// The size of the window along each spatial axis; windows lie side by side. Ones keep every value.
  public var window: [Int]

  /// - Parameter window: one size for each of 0 to 3 spatial axes.
  public init(window: [Int]) { self.window = window }

  /// Every value of `spatialAxes` axes.
  public init(spatialAxes: Int) { window = Array(repeating: 1, count: spatialAxes) }

  /// The number of spatial axes.
  public var spatialAxes: Int { window.count }

  /// Whether windows keep fewer values than there are.
  public var selects: Bool { window.contains { $0 != 1 } }

  /// The shape of what the windows keep of [N, C, spatial…]. What is left over at the end of an axis is in no window.
  /// - Throws: `geometry`.
  public func outputShape(input: Shape) throws(TensorError) -> Shape {
    let name = "normalize"
    guard spatialAxes <= 3, input.rank == spatialAxes + 2 else {
      throw TensorError(
        name, .geometry("\(spatialAxes) spatial axes need an array of rank \(spatialAxes + 2), not \(input)"))
    }
    var result = input
    for (axis, size) in window.enumerated() {
      result[axis + 2] = try Window.outputSize(name, input[axis + 2], size, size, 0, 1)
    }
    return result
  }
}
