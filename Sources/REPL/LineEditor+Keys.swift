import CLibEdit
import Display
import Glibc

extension LineEditor {
  func addFunctions() {
    cle_add_function(
      editor, "innerloop-complete", "Complete the name before the cursor",
      { editor, _ in LineEditor.owner(of: editor)?.completeAtCursor() ?? UInt8(CC_ERROR) })
    cle_add_function(
      editor, "innerloop-paste", "Insert what the terminal pastes",
      { editor, _ in LineEditor.owner(of: editor)?.paste() ?? UInt8(CC_ERROR) })
    cle_add_function(
      editor, "innerloop-close-brace", "Insert } and take back an indentation",
      { editor, _ in LineEditor.owner(of: editor)?.closeBrace() ?? UInt8(CC_ERROR) })
  }

  /// What vi's keys leave open. A sequence must not begin with Escape here: that key alone leaves the insert mode.
  func bindViKeys() {
    for (key, function) in [
      ("\t", "innerloop-complete"), ("}", "innerloop-close-brace"), ("^R", "em-inc-search-prev"),
    ] {
      cle_bind(editor, key, function)
    }
    for (key, function) in [
      ("[200~", "innerloop-paste"), ("[A", "ed-search-prev-history"), ("[B", "ed-search-next-history"),
      ("k", "ed-search-prev-history"), ("j", "ed-search-next-history"),
    ] {
      cle_bind_command(editor, key, function)
    }
  }

  /// Keys libedit leaves unbound, or binds to something users do not expect. All functions named here exist in
  /// libedit 3.1: binding one that does not corrupts memory.
  func bindKeys() {
    let keys = [
      ("\t", "innerloop-complete"), ("\\e[200~", "innerloop-paste"), ("}", "innerloop-close-brace"),
      ("\\e[A", "ed-search-prev-history"), ("\\eOA", "ed-search-prev-history"),
      ("\\e[B", "ed-search-next-history"), ("\\eOB", "ed-search-next-history"),
      ("\\e[1;5D", "ed-prev-word"), ("\\e[1;5C", "em-next-word"),
      ("\\e[5D", "ed-prev-word"), ("\\e[5C", "em-next-word"),
      ("\\e[1;3D", "ed-prev-word"), ("\\e[1;3C", "em-next-word"),
      ("\\e[H", "ed-move-to-beg"), ("\\e[F", "ed-move-to-end"),
      ("\\e[1~", "ed-move-to-beg"), ("\\e[4~", "ed-move-to-end"),
      ("\\eOH", "ed-move-to-beg"), ("\\eOF", "ed-move-to-end"),
      ("\\e[3~", "ed-delete-next-char"), ("^R", "em-inc-search-prev"), ("^W", "ed-delete-prev-word"),
    ]
    for (key, function) in keys { cle_bind(editor, key, function) }
  }

  /// The edited line and the cursor in it as a UTF-8 offset.
  func currentLine() -> (text: String, cursor: Int) {
    guard let info = el_line(editor)?.pointee, let start = info.buffer, let end = info.lastchar,
      let cursor = info.cursor
    else { return ("", 0) }
    let bytes = UnsafeRawBufferPointer(start: start, count: max(end - start, 0))
    return (String(decoding: bytes, as: UTF8.self), min(max(cursor - start, 0), bytes.count))
  }

  /// Whether only spaces stand between the last newline before the cursor and the cursor; how many.
  private func indentBeforeCursor() -> Int? {
    let (text, cursor) = currentLine()
    let line = text.utf8.prefix(cursor).reversed().prefix { $0 != 0x0A }
    return line.allSatisfy { $0 == 0x20 } ? line.count : nil
  }

  private func completeAtCursor() -> UInt8 {
    if indentBeforeCursor() != nil {
      el_insertstr(editor, Self.indentUnit)
      return UInt8(CC_REFRESH)
    }
    let (text, cursor) = currentLine()
    switch complete(text, cursor) {
    case .nothing: return UInt8(CC_REFRESH_BEEP)
    case .replace(let count, let replacement):
      el_deletestr(editor, Int32(clamping: count))
      el_insertstr(editor, replacement)
      return UInt8(CC_REFRESH)
    case .list(let items, let details):
      let width = TerminalStyle.current(descriptor: STDOUT_FILENO).width
      write("\n" + ColumnLayout.lines(items, details: details, width: width).joined(separator: "\n") + "\n")
      return UInt8(CC_REDISPLAY)
    }
  }

  private func closeBrace() -> UInt8 {
    if let spaces = indentBeforeCursor(), spaces >= Self.indentUnit.utf8.count {
      el_deletestr(editor, Int32(Self.indentUnit.utf8.count))
    }
    el_insertstr(editor, "}")
    return UInt8(CC_REFRESH)
  }

  /// Takes everything up to the end of the paste as text: newlines do not run it, keys in it do nothing.
  private func paste() -> UInt8 {
    let end = Array("\u{1B}[201~".unicodeScalars)
    var pasted: [Unicode.Scalar] = []
    while true {
      var character = wchar_t()
      guard el_wgetc(editor, &character) == 1 else { return UInt8(CC_ERROR) }
      guard let scalar = Unicode.Scalar(UInt32(bitPattern: character)) else { continue }
      pasted.append(scalar)
      if scalar == "~" && pasted.suffix(end.count).elementsEqual(end) { break }
    }
    let text = PastedText.cleaned(pasted.dropLast(end.count))
    if !text.isEmpty { el_insertstr(editor, text) }
    return UInt8(CC_REFRESH)
  }
}
