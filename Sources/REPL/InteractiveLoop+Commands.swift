import Display
import Foundation

/// What can be asked of the REPL itself, with a colon in front.
enum REPLCommand: String, CaseIterable {
  case help, vars, load, save, time, step, back, watch, edit
  case breakpoint = "break"
  case next
  case into = "in"
  case
    out
  case proceed = "continue"
  case frame, reset, quit

  /// The command of a name or of its beginning, where no other begins so: `:q`, `:v`.
  init?(beginning text: String) {
    if let exact = REPLCommand(rawValue: text) {
      self = exact
      return
    }
    let found = REPLCommand.allCases.filter { !text.isEmpty && $0.rawValue.hasPrefix(text) }
    guard let only = found.first, found.count == 1 else { return nil }
    self = only
  }

  /// How it is written, and what it does.
  var help: (usage: String, text: String) {
    switch self {
    case .help: (":help", "this list")
    case .vars: (":vars [PART]", "the variables, or those whose name has the part")
    case .load: (":load FILE", "run a file here; its variables stay")
    case .save: (":save FILE", "write what has run without an error to a new file")
    case .time: (":time CODE", "run code and tell how long it took")
    case .step: (":step [NAME] [N]", "take N steps of an inner loop, 1 unless said, by the stepper NAME")
    case .back: (":back [NAME] [N]", "go back over N steps")
    case .watch: (":watch [CODE]", "show a value after each step; ':watch -' forgets all")
    case .edit: (":edit [NAME]", "change the last input, or a file, in $EDITOR, and run it")
    case .breakpoint:
      (
        ":break [PLACE]",
        "pause at a function, NAME, or a line, FILE:LINE, or only where NAME if CODE; at 'throw' on errors; ':break -' forgets all"
      )
    case .next: (":next", "in a paused program: to the next statement")
    case .into: (":in", "into the function that is called")
    case .out: (":out", "out of this function")
    case .proceed: (":continue", "to the next breakpoint")
    case .frame: (":frame [N]", "the calls under way; look at the variables of one")
    case .reset: (":reset", "forget all variables")
    case .quit: (":quit", "leave, as does Ctrl-D")
    }
  }
}

extension InteractiveLoop {
  /// nil to leave, else whether it succeeded.
  func perform(command text: String) -> Bool? {
    let words = text.split(maxSplits: 1, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
    let name = words.first.map(String.init) ?? ""
    let argument = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    guard let command = REPLCommand(beginning: name == "?" ? "help" : name) else {
      return refuse("there is no command ':\(Escaping.line(name))'; ':help' lists them")
    }
    switch command {
    case .quit: return nil
    case .help:
      sink.write(Self.help, to: .standardOutput)
      return true
    case .vars: return showVariables(with: argument)
    case .load: return argument.isEmpty ? refuse(":load needs a file") : load(argument)
    case .save: return argument.isEmpty ? refuse(":save needs a file") : save(argument)
    case .time: return argument.isEmpty ? refuse(":time needs code to run") : time(argument)
    case .step: return walk("step", argument)
    case .back: return walk("back", argument)
    case .watch: return watch(argument)
    case .edit: return edit(argument)
    case .breakpoint: return setBreakpoint(argument)
    case .next, .into, .out, .proceed, .frame:
      return refuse("no program is paused; ':break NAME' lets one pause at a function")
    case .reset:
      guard host.reset() else {
        return refuse("the variables of this kernel are not the terminal's to forget")
      }
      sink.write("all variables are forgotten\n", to: .standardOutput)
      return true
    }
  }

  func refuse(_ reason: String) -> Bool {
    sink.write(reason + "\n", to: .standardError)
    return false
  }

  private func showVariables(with part: String) -> Bool {
    guard let all = host.variables() else { return refuse("the variables of this kernel cannot be listed") }
    return show(all, with: part)
  }

  /// Lists the variables that have a part in their names.
  func show(_ all: [REPLVariable], with part: String) -> Bool {
    let variables = all.filter { part.isEmpty || $0.name.contains(part) }
    if variables.isEmpty {
      sink.write(
        part.isEmpty ? "there are no variables\n" : "no variable has '\(Escaping.line(part))' in its name\n",
        to: .standardOutput)
      return true
    }
    let lines = ColumnLayout.aligned(
      variables.map { [$0.name, $0.type, $0.summary] }, width: sink.style.width)
    sink.write(lines.map { $0 + "\n" }.joined(), to: .standardOutput)
    return true
  }

  private func load(_ path: String) -> Bool {
    guard let text = contents(of: path) else { return false }
    return run(text)
  }

  func contents(of path: String) -> String? {
    do {
      return try String(contentsOfFile: (path as NSString).expandingTildeInPath, encoding: .utf8)
    } catch {
      _ = refuse("'\(Escaping.line(path))' cannot be read as text: \(error.localizedDescription)")
      return nil
    }
  }

  private func save(_ path: String) -> Bool {
    let full = (path as NSString).expandingTildeInPath
    if FileManager.default.fileExists(atPath: full) {
      return refuse("'\(Escaping.line(path))' exists already; choose another name")
    }
    let text = succeeded.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined()
    do {
      try text.write(toFile: full, atomically: true, encoding: .utf8)
    } catch {
      return refuse("'\(Escaping.line(path))' cannot be written: \(error.localizedDescription)")
    }
    sink.write("\(succeeded.count) input\(succeeded.count == 1 ? "" : "s") written\n", to: .standardOutput)
    return true
  }

  private func time(_ source: String) -> Bool {
    let start = ContinuousClock.now
    let result = run(source)
    let took = (ContinuousClock.now - start) / .seconds(1)
    if !sink.isAtLineStart { sink.write("\n", to: .standardOutput) }
    sink.write("took \(Self.seconds(took))\n", to: .standardOutput)
    return result
  }

  /// A time with three digits and its unit.
  static func seconds(_ seconds: Double) -> String {
    if seconds < 1e-3 { return NumberText.compact(seconds * 1e6) + " µs" }
    if seconds < 1 { return NumberText.compact(seconds * 1e3) + " ms" }
    return NumberText.compact(seconds) + " s"
  }

  private func edit(_ path: String) -> Bool {
    guard isatty(STDIN_FILENO) == 1 else { return refuse(":edit needs a terminal") }
    let isTemporary = path.isEmpty
    let file =
      isTemporary
      ? FileManager.default.temporaryDirectory.appendingPathComponent("innerloop-\(getpid()).loop").path
      : (path as NSString).expandingTildeInPath
    defer { if isTemporary { try? FileManager.default.removeItem(atPath: file) } }
    if isTemporary {
      do { try (lastInput ?? "").write(toFile: file, atomically: true, encoding: .utf8) } catch {
        return refuse("no file to edit can be made: \(error.localizedDescription)")
      }
    }
    let environment = ProcessInfo.processInfo.environment
    let editor = environment["VISUAL"] ?? environment["EDITOR"] ?? "vi"
    let quoted = "'" + file.replacingOccurrences(of: "'", with: "'\\''") + "'"
    guard system("\(editor) \(quoted)") == 0 else {
      return refuse("the editor '\(Escaping.line(editor))' failed; set VISUAL or EDITOR to another")
    }
    guard let text = contents(of: file) else { return false }
    let source = text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard case .run = LineRequest(source) else { return true }
    remember(source)
    return run(source)
  }
}
