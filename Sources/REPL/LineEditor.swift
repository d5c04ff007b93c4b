import CLibEdit
import Display
import Glibc

/// Reads lines from the terminal with libedit.
///
/// libedit belongs to one thread, the input thread: the one that makes the editor makes every call.
final class LineEditor {
  enum Outcome: Equatable {
    case line(String)
    /// Ctrl-C: what was typed is given up.
    case interrupted
    /// Ctrl-D on an empty line, or a terminal that is gone.
    case end
  }

  /// Answers Tab: the text of the edited line and the cursor in it, as UTF-8.
  var complete: (String, Int) -> CompletionStep = { _, _ in .nothing }

  /// What may have to be shown above the prompt while it waits: when to ask, and what then shows it.
  var news: (descriptor: Int32, take: () -> (() -> Void)?)?

  /// What a Tab in the indentation inserts, and a closing brace takes back.
  static let indentUnit = "    "

  let editor: OpaquePointer
  private let history: OpaquePointer
  private var prompt: UnsafeMutablePointer<CChar>?
  private var makePrompt: () -> String = { "" }
  private let usesBracketedPaste: Bool
  let isUTF8: Bool
  static let input = STDIN_FILENO
  var promptWidth = 0

  /// nil if libedit cannot start. `setLocale()` must have been called.
  init?(program: String, historySize: Int, isUTF8: Bool) {
    guard let editor = cle_open(program) else { return nil }
    guard let history = cle_history(editor, Int32(clamping: historySize)) else {
      el_end(editor)
      return nil
    }
    self.editor = editor
    self.history = history
    self.isUTF8 = isUTF8
    let term = getenv("TERM").map { String(cString: $0) } ?? ""
    usesBracketedPaste = !["", "dumb"].contains(term)
    cle_set_owner(editor, Unmanaged.passUnretained(self).toOpaque())
    cle_set(editor, EL_SIGNAL, 0)
    "emacs".withCString { _ = cle_set_editor(editor, $0) }
    cle_set_prompt(editor, { LineEditor.owner(of: $0)?.prompt }, 1)
    cle_set_reader(editor, { editor, character in LineEditor.owner(of: editor)?.read(character) ?? -1 })
    // Without insertion and deletion by the terminal, whose places libedit gets wrong beside wide characters, it
    // writes the rest of a line anew.
    for capability in ["ic", "IC", "im", "ei", "dc", "DC", "dm", "ed"] {
      cle_set_capability(editor, capability, "")
    }
    addFunctions()
    bindKeys()
    // The user's own .editrc has the last word.
    el_source(editor, nil)
    // Where it chooses vi's keys, libedit has forgotten all others.
    if cle_is_vi(editor) != 0 { bindViKeys() }
  }

  deinit {
    history_end(history)
    el_end(editor)
    free(prompt)
  }

  /// The locale decides how libedit reads characters. Returns whether it is UTF-8 by the user's own settings, so that
  /// the prompt may be more than ASCII; if not, input is still taken as UTF-8 where the system can.
  static func setLocale() -> Bool {
    setlocale(LC_CTYPE, "")
    if codeset == "UTF-8" { return true }
    setlocale(LC_CTYPE, "C.UTF-8")
    return false
  }

  /// Whether characters outside ASCII can be typed.
  static var codeset: String { nl_langinfo(nl_item(CODESET)).map { String(cString: $0) } ?? "" }

  static func owner(of editor: OpaquePointer?) -> LineEditor? {
    guard let editor, let pointer = cle_owner(editor) else { return nil }
    return Unmanaged<LineEditor>.fromOpaque(pointer).takeUnretainedValue()
  }

  func remember(_ entry: String) {
    if !entry.isEmpty && !entry.utf8.contains(0) { cle_history_enter(history, entry) }
  }

  /// Reads one line, which may hold newlines when it was pasted or recalled. In `prompt`, U+0001 brackets what takes no
  /// space. `prefill` is typed in advance.
  func read(prompt: @escaping () -> String, prefill: String = "") -> Outcome {
    makePrompt = prompt
    setPrompt()
    if !prefill.isEmpty { el_push(editor, prefill) }
    cle_prompt_begin()
    // The size may have changed while code ran.
    el_resize(editor)
    setBracketedPaste(true)
    var count: Int32 = 0
    let line = el_gets(editor, &count)
    let failure = errno
    setBracketedPaste(false)
    cle_prompt_end()
    guard let line, count > 0 else {
      if count < 0 && failure == EINTR {
        el_reset(editor)
        write("\n")
        return .interrupted
      }
      return .end
    }
    let bytes = UnsafeRawBufferPointer(start: line, count: Int(count))
    var result = String(decoding: bytes, as: UTF8.self)
    if result.utf8.last == 0x0A { result.removeLast() }
    return .line(result)
  }

  /// Shows the prompt as it is to be now.
  func setPrompt() {
    let text = makePrompt()
    free(prompt)
    prompt = strdup(text)
    promptWidth = Prompts.width(text)
  }

  /// Shows the line that has just been read anew, in colours.
  func repaint(_ line: String, as painted: String) {
    // libedit shows control characters in its own way, and they are not for the terminal.
    guard !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\n" })
    else {
      return
    }
    let style = TerminalStyle.current(descriptor: STDOUT_FILENO)
    let rows = WrappedText.rowsAboveCursor(line, promptWidth: promptWidth, width: style.width)
    // A line that fills its last row leaves the cursor where terminals disagree.
    guard style.colour, rows + 1 < style.height,
      !WrappedText.fillsLastRow(line, promptWidth: promptWidth, width: style.width)
    else { return }
    let prompt = makePrompt().replacing("\u{1}", with: "")
    write("\u{1B}[\(rows + 1)A\r\u{1B}[J" + prompt + painted + "\n")
  }

  func setBracketedPaste(_ on: Bool) {
    if usesBracketedPaste { write("\u{1B}[?2004" + (on ? "h" : "l")) }
  }

  /// Writes to the terminal past libedit's picture of it.
  func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = bytes[...]
      while let base = UnsafeBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
        let count = Glibc.write(STDOUT_FILENO, base, rest.count)
        if count < 0 && errno != EINTR && errno != EAGAIN { return }
        rest = rest.dropFirst(max(count, 0))
      }
    }
  }
}
