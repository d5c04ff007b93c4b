import Glibc

/// Where each pixel of a turned or mirrored image comes from, worked out once for a height and a width.
///
/// A pixel is one pixel of the source, or between pixels the linear mean of the four around it; what comes from beyond the
/// edge is 0.
package final class PixelMap: Sendable {
  package let height: Int
  package let width: Int
  /// How many pixels of the source a pixel is made of: 1 or 4.
  private let taps: Int
  /// The numbers of the source's pixels, `taps` for each pixel in row-major order.
  private let sources: [Int32]
  /// Parallel to `sources`; 0 beyond the edge.
  private let weights: [Double]

  /// - Parameter source: where the pixel at (y, x) comes from.
  private init(height: Int, width: Int, _ source: (_ y: Double, _ x: Double) -> (y: Double, x: Double)) {
    self.height = height
    self.width = width
    let places = (0..<height).flatMap { y in (0..<width).map { x in source(Double(y), Double(x)) } }
    let isExact = places.allSatisfy { $0.y == $0.y.rounded() && $0.x == $0.x.rounded() }
    let corners: [(y: Double, x: Double)] = isExact ? [(0, 0)] : [(0, 0), (0, 1), (1, 0), (1, 1)]
    taps = corners.count
    var sources: [Int32] = []
    var weights: [Double] = []
    for place in places {
      let (top, left) = (place.y.rounded(.down), place.x.rounded(.down))
      for corner in corners {
        let (y, x) = (top + corner.y, left + corner.x)
        let weight = (1 - abs(place.x - x)) * (1 - abs(place.y - y))
        let isInside = y >= 0 && x >= 0 && y < Double(height) && x < Double(width)
        sources.append(isInside ? Int32(Int(y) * width + Int(x)) : 0)
        weights.append(isInside ? max(0, weight) : 0)
      }
    }
    self.sources = sources
    self.weights = weights
  }

  /// A turn about the image's centre, counter-clockwise; exact for whole quarters of a square image.
  package static func rotation(degrees: Double, height: Int, width: Int) -> PixelMap {
    let angle = degrees.truncatingRemainder(dividingBy: 360)
    let (cosine, sine): (Double, Double) =
      switch Int(exactly: angle / 90) {
      case 0: (1, 0)
      case 1, -3: (0, 1)
      case 2, -2: (-1, 0)
      case 3, -1: (0, -1)
      default: (cos(angle * .pi / 180), sin(angle * .pi / 180))
      }
    let (middleY, middleX) = (Double(height - 1) / 2, Double(width - 1) / 2)
    return PixelMap(height: height, width: width) { y, x in
      let (dy, dx) = (y - middleY, x - middleX)
      return (y: sine * dx + cosine * dy + middleY, x: cosine * dx - sine * dy + middleX)
    }
  }

  /// Left and right change places.
  package static func horizontalFlip(height: Int, width: Int) -> PixelMap {
    PixelMap(height: height, width: width) { y, x in (y: y, x: Double(width - 1) - x) }
  }

  /// Top and bottom change places.
  package static func verticalFlip(height: Int, width: Int) -> PixelMap {
    PixelMap(height: height, width: width) { y, x in (y: Double(height - 1) - y, x: x) }
  }

  /// Writes `planes` images that lie one behind the other.
  fileprivate func write<Element: BinaryFloatingPoint>(
    _ source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Element>, planes: Int
  ) {
    let pixels = height * width
    sources.withUnsafeBufferPointer { sources in
      weights.withUnsafeBufferPointer { weights in
        for plane in 0..<planes {
          let (from, to) = (source + plane * pixels, target + plane * pixels)
          if taps == 1 {
            for pixel in 0..<pixels { to[pixel] = weights[pixel] == 0 ? 0 : from[Int(sources[pixel])] }
          } else {
            for pixel in 0..<pixels {
              var sum: Element = 0
              for tap in 4 * pixel..<4 * pixel + 4 where weights[tap] > 0 {
                sum += Element(weights[tap] * Double(from[Int(sources[tap])]))
              }
              to[pixel] = sum
            }
          }
        }
      }
    }
  }
}

extension NDArray {
  /// Images of a table [n, …, height, width] by their rows, each through its map or, for nil, as it is. The result is
  /// `index.shape` with the axes of an image behind.
  /// - Throws: `indexOutOfRange`, `shapesDiffer` for a map of another size, `rankTooLow`, `rankTooHigh`,
  ///   `unsupportedDType` for whole numbers.
  package static func takeImages(
    _ table: NDArray, _ index: NDArray, through maps: [PixelMap?]
  ) throws(TensorError) -> NDArray {
    if table.rank < 3 { throw TensorError("images", .rankTooLow(table.shape, atLeast: 3)) }
    let image = table.shape.axes(1..<table.rank)
    let (height, width) = (image[image.rank - 2], image[image.rank - 1])
    for case let map? in maps where map.height != height || map.width != width {
      throw TensorError("images", .shapesDiffer([map.height, map.width], image))
    }
    if maps.count != index.elementCount {
      throw TensorError("images", .shapesDiffer([maps.count], index.shape))
    }
    let places = try index.checkedIndices("images", count: table.shape[0])
    if index.rank + image.rank > Shape.maximumRank {
      throw TensorError("images", .rankTooHigh(index.rank + image.rank))
    }
    let shape = index.shape.appending(image)
    let whole = try table.contiguous()
    let size = image.elementCount
    let planes = size == 0 ? 0 : size / (height * width)
    func fill<Element: BinaryFloatingPoint>(_ out: UnsafeMutableBufferPointer<Element>) {
      guard let out = out.baseAddress else { return }
      let (from, position) = (whole.pointer(Element.self), places.pointer(Int.self))
      for (i, map) in maps.enumerated() {
        let (source, target) = (from + position[i] * size, out + i * size)
        if let map {
          map.write(source, to: target, planes: planes)
        } else {
          target.update(from: source, count: size)
        }
      }
    }
    defer { withExtendedLifetime((whole.storage, places.storage)) {} }
    switch table.dtype {
    case .float32: return try makeFloats(shape) { fill($0) }
    case .float64: return try makeDoubles(shape) { fill($0) }
    case .int64: throw TensorError("images", .unsupportedDType(.int64))
    }
  }

  /// All images of an array [n, …, height, width] through one map.
  package func mapped(by map: PixelMap) throws(TensorError) -> NDArray {
    if rank < 1 { throw TensorError("images", .rankTooLow(shape, atLeast: 3)) }
    return try NDArray.takeImages(
      self, NDArray(Array(0..<shape[0])), through: Array(repeating: map, count: shape[0]))
  }
}
