/// Shrinks or enlarges images of one size to squares with a triangle filter as wide as the step between pixels, as PIL's
/// `BILINEAR` does (without its rounding in between): when shrinking, a pixel is a weighted mean of the area it stands
/// for. Sides of different length are scaled each by its own factor.
struct ImageScaler {
  /// What each output place takes from the input: consecutive places and their weights.
  private struct Taps {
    private(set) var starts: [Int] = []
    /// Where the weights of each place begin in `weights`, and where the last ones end.
    private(set) var bounds = [0]
    private(set) var weights: [Float] = []

    init(_ count: Int, to size: Int) {
      let scale = Double(count) / Double(size)
      let reach = max(scale, 1)
      for place in 0..<size {
        let centre = (Double(place) + 0.5) * scale
        let first = min(max(0, Int((centre - reach + 0.5).rounded(.down))), count - 1)
        let last = min(count, Int((centre + reach + 0.5).rounded(.down)))
        let own = (first..<max(last, first + 1)).map {
          max(0, 1 - abs((Double($0) + 0.5 - centre) / reach))
        }
        let sum = own.reduce(0, +)
        starts.append(first)
        weights += own.map { Float($0 / (sum > 0 ? sum : 1)) }
        bounds.append(weights.count)
      }
    }
  }

  private let columns: Taps
  private let rows: Taps
  let width: Int
  let height: Int
  let size: Int

  init(width: Int, height: Int, to size: Int) {
    self.width = width
    self.height = height
    self.size = size
    columns = Taps(width, to: size)
    rows = Taps(height, to: size)
  }

  /// Writes the image's numbers, 0 to 1: a plane of size × size for each channel. The image has the scaler's width and
  /// height.
  func scale(_ image: RasterImage, into output: UnsafeMutablePointer<Float>) {
    let channels = image.channels
    let line = width * channels
    withUnsafeTemporaryAllocation(of: Float.self, capacity: line) { mixed in
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let source = pixels.baseAddress, let mixed = mixed.baseAddress else { return }
        for y in 0..<size {
          mixed.initialize(repeating: 0, count: line)
          // First over rows, where neighbours in memory take part alike.
          for tap in rows.bounds[y]..<rows.bounds[y + 1] {
            let weight = rows.weights[tap] / 255
            let row = source + (rows.starts[y] + tap - rows.bounds[y]) * line
            for x in 0..<line { mixed[x] += weight * Float(row[x]) }
          }
          for channel in 0..<channels {
            let target = output + (channel * size + y) * size
            for x in 0..<size {
              var sum: Float = 0
              var place = columns.starts[x] * channels + channel
              for tap in columns.bounds[x]..<columns.bounds[x + 1] {
                sum += columns.weights[tap] * mixed[place]
                place += channels
              }
              target[x] = sum
            }
          }
        }
      }
    }
  }
}
