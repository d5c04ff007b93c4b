import CTurboJPEG

extension RasterImage {
  init(jpeg bytes: [UInt8], channels: Int, name: String) throws {
    guard let decoder = tjInitDecompress() else {
      throw DatasetError.file(path: name, reason: "no memory is left to decode it")
    }
    defer { tjDestroy(decoder) }
    /// Refuses what the decoder complains about; stray bytes between the parts of a file lose nothing.
    func check(_ code: Int32) throws {
      guard code != 0 else { return }
      let words = String(cString: tjGetErrorStr2(decoder))
      if tjGetErrorCode(decoder) == TJERR_WARNING.rawValue, words.contains("extraneous bytes") { return }
      throw DatasetError.file(path: name, reason: "it is no JPEG image that can be read: \(words)")
    }
    var (columns, rows, subsampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    let size = UInt(bytes.count)
    try check(tjDecompressHeader3(decoder, bytes, size, &columns, &rows, &subsampling, &colours))
    let (width, height) = (Int(columns), Int(rows))
    try Self.checkSides(width, height, name: name)
    let isCMYK = colours == Int32(TJCS_CMYK.rawValue) || colours == Int32(TJCS_YCCK.rawValue)
    let format = isCMYK ? TJPF_CMYK : channels == 1 ? TJPF_GRAY : TJPF_RGB
    var pixels = [UInt8](repeating: 0, count: width * height * (isCMYK ? 4 : channels))
    // A bound on the passes of a progressive image, which a small file can make take hours.
    try check(
      tjDecompress2(
        decoder, bytes, size, &pixels, columns, 0, rows, Int32(format.rawValue), TJFLAG_LIMITSCANS))
    if isCMYK { pixels = Self.fromCMYK(pixels, channels: channels) }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// Colours of printed pages, which such files store inverted (255 is no ink), as light.
  private static func fromCMYK(_ inks: [UInt8], channels: Int) -> [UInt8] {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(inks.count / 4 * channels)
    for place in stride(from: 0, to: inks.count, by: 4) {
      let key = Int(inks[place + 3])
      let light = (0..<3).map { Int(inks[place + $0]) * key / 255 }
      if channels == 1 {
        // The luma of ITU-R BT.601, as JPEG has it.
        pixels.append(UInt8((299 * light[0] + 587 * light[1] + 114 * light[2] + 500) / 1000))
      } else {
        pixels += light.map { UInt8($0) }
      }
    }
    return pixels
  }
}
