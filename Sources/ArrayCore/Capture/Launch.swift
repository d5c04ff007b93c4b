/// Does a piece of computing on memory that is already there. Every operation passes here, so that a ``Capture``
/// can do it again.
///
/// - Parameter body: captures addresses and plain values, never arrays or what may change between two runs: it is
///   called again with other numbers at the same addresses. Results are allocated before, outside of it.
@inline(__always)
func launch(_ body: @escaping () throws(TensorError) -> Void) throws(TensorError) {
  if let capture = Capture.current { return try capture.launch(body) }
  try body()
}
