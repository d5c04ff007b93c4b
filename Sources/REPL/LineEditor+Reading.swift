import CLibEdit
import Display
import Glibc

extension LineEditor {
  /// libedit's source of characters: 1 for a character, 0 at the end, -1 with `errno` for Ctrl-C.
  func read(_ character: UnsafeMutablePointer<wchar_t>?) -> Int32 {
    guard let first = nextByte() else { return 0 }
    guard first >= 0 else {
      errno = EINTR
      return -1
    }
    var bytes = [UInt8(truncatingIfNeeded: first)]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
    while bytes.count < length {
      guard let next = nextByte() else { return 0 }
      guard next >= 0 else {
        errno = EINTR
        return -1
      }
      bytes.append(UInt8(truncatingIfNeeded: next))
    }
    let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first ?? "?"
    let known = isUTF8 || scalar.isASCII ? scalar : "?"
    character?.pointee = wchar_t(bitPattern: known.value)
    return 1
  }

  /// The next byte, -1 for Ctrl-C, nil at the end. One byte a call: what is typed ahead of running code is that code's.
  private func nextByte() -> Int? {
    while true {
      // What came with the answer to a question, as a completion, is not announced again.
      if let show = news?.take() { redraw(after: show) }
      switch cle_wait(Self.input, news?.descriptor ?? -1) {
      case Int32(cle_input):
        var byte: UInt8 = 0
        let count = Glibc.read(Self.input, &byte, 1)
        if count == 1 { return Int(byte) }
        if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
        return nil
      case Int32(cle_interrupt): return -1
      case Int32(cle_resize): redraw()
      case Int32(cle_news): continue
      case Int32(cle_suspend): suspend()
      default: return nil
      }
    }
  }

  /// Ctrl-Z: leaves the terminal as it was found until the shell brings the program back.
  private func suspend() {
    setBracketedPaste(false)
    cle_set(editor, EL_PREP_TERM, 0)
    raise(SIGSTOP)
    cle_set(editor, EL_PREP_TERM, 1)
    setBracketedPaste(true)
    cle_set(editor, EL_REFRESH, 0)
  }

  /// Draws the line anew from where its prompt begins: after the terminal has wrapped it to a new width, or below what
  /// `show` writes in its place.
  private func redraw(after show: () -> Void = {}) {
    let width = TerminalStyle.current(descriptor: STDOUT_FILENO).width
    let (text, cursor) = currentLine()
    let before = String(decoding: Array(text.utf8.prefix(cursor)), as: UTF8.self)
    let above = WrappedText.rowsAboveCursor(before, promptWidth: promptWidth, width: width)
    write((above > 0 ? "\u{1B}[\(above)A" : "") + "\r\u{1B}[J")
    show()
    setPrompt()
    el_resize(editor)
    cle_set(editor, EL_REFRESH, 0)
  }
}
