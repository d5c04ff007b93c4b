import Glibc

/// The functions of `CMPI`, opened while the program runs: a program on its own neither needs MPI nor waits for it to
/// load.
struct MPILibrary: @unchecked Sendable {
  let start: @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
  let begin:
    @convention(c) (UnsafeMutablePointer<Int64>, Int32, Int32, UnsafeMutablePointer<UnsafeMutableRawPointer?>)
      -> Int32
  let test: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>) -> Int32
  let tell: @convention(c) (Int32, Int64) -> Int32
  let hear:
    @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int32>) ->
      Int32
  let finish: @convention(c) () -> Int32
  let abort: @convention(c) (Int32) -> Void
  let describe: @convention(c) (Int32, UnsafeMutablePointer<CChar>, Int32) -> Void

  /// Opens the library beside the program.
  /// - Throws: ``MPIError`` when it is not there, cannot be opened, or was built without MPI.
  init(path: String) throws(MPIError) {
    // Open MPI's own parts look for it among the symbols that all libraries see.
    guard let library = dlopen(path, RTLD_NOW | RTLD_GLOBAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "it cannot be opened"
      throw MPIError(
        "\(reason); MPI's library is missing, or the program was built without it: \(MPIError.remedy)")
    }
    func function<F>(_ name: String, _: F.Type) throws(MPIError) -> F {
      guard let symbol = dlsym(library, name) else {
        throw MPIError("\(path) has no \(name); build it anew: make build")
      }
      return unsafeBitCast(symbol, to: F.self)
    }
    let isThere = try function("il_mpi_is_there", (@convention(c) () -> Int32).self)
    guard isThere() == 1 else { throw MPIError("the program was built without MPI: \(MPIError.remedy)") }
    start = try function(
      "il_mpi_start",
      (@convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32).self)
    begin = try function(
      "il_mpi_begin",
      (@convention(c) (
        UnsafeMutablePointer<Int64>, Int32, Int32, UnsafeMutablePointer<UnsafeMutableRawPointer?>
      ) -> Int32)
      .self)
    test = try function(
      "il_mpi_test", (@convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>) -> Int32).self)
    tell = try function("il_mpi_tell", (@convention(c) (Int32, Int64) -> Int32).self)
    hear = try function(
      "il_mpi_hear",
      (@convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int32>)
        -> Int32).self)
    finish = try function("il_mpi_finish", (@convention(c) () -> Int32).self)
    abort = try function("il_mpi_abort", (@convention(c) (Int32) -> Void).self)
    describe = try function(
      "il_mpi_describe", (@convention(c) (Int32, UnsafeMutablePointer<CChar>, Int32) -> Void).self)
  }

  func check(_ code: Int32) throws(MPIError) {
    guard code != 0 else { return }
    var text = [CChar](repeating: 0, count: 256)
    text.withUnsafeMutableBufferPointer { if let address = $0.baseAddress { describe(code, address, 256) } }
    throw MPIError(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  }
}

/// Why this process could not be one of several, or stopped being one.
public struct MPIError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  static let remedy = "install openmpi-bin and libopenmpi-dev, then make build"
}
