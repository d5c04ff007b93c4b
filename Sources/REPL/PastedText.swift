/// What is kept of a paste.
package enum PastedText {
  /// Newlines of any system become `\n` and do not end the text; other control characters are dropped.
  package static func cleaned(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    var last: Unicode.Scalar?
    for scalar in scalars {
      switch scalar {
      case "\n" where last == "\r": break
      case "\r", "\n": text.append("\n")
      case "\t": text.append(contentsOf: LineEditor.indentUnit.unicodeScalars)
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): break
      default: text.append(scalar)
      }
      last = scalar
    }
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }
}
