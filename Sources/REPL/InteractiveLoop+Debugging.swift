import Display
import Foundation

extension InteractiveLoop {
  // MARK: Breakpoints

  /// `:break forward`, `:break forward if x > 3`, `:break train.loop:12`, `:break throw`, `:break -`; alone, lists them.
  func setBreakpoint(_ argument: String) -> Bool {
    if argument.isEmpty {
      let lines = breakpoints.isEmpty ? ["there are no breakpoints"] : breakpoints.map(\.description)
      sink.write(lines.map { $0 + "\n" }.joined(), to: .standardOutput)
      return true
    }
    var wanted = breakpoints
    if argument == "-" {
      wanted = []
    } else {
      guard let breakpoint = breakpoint(argument) else { return false }
      wanted.removeAll { $0.place == breakpoint.place }
      wanted.append(breakpoint)
    }
    if let problem = host.setBreakpoints(wanted) { return refuse(problem) }
    breakpoints = wanted
    return true
  }

  private func breakpoint(_ text: String) -> REPLBreakpoint? {
    if text == "throw" { return .errors }
    let parts = text.components(separatedBy: " if ")
    let place = parts[0].trimmingCharacters(in: .whitespaces)
    let condition = parts.count > 1 ? parts.dropFirst().joined(separator: " if ") : nil
    if let colon = place.lastIndex(of: ":"), let line = Int(place[place.index(after: colon)...]) {
      let file = String(place[..<colon])
      guard let source = contents(of: file) else { return nil }
      return .line(line, text: source, file: file, condition: condition)
    }
    guard !place.isEmpty, place.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
      _ = refuse("a breakpoint is a function's name, FILE:LINE, or 'throw'")
      return nil
    }
    return .function(place, condition: condition)
  }

  // MARK: A paused program

  /// Shows where a program stands, and does what is asked until it is to go on.
  func hold(_ pause: any REPLPause) -> REPLResumption {
    sink.keepDisplay()
    if !sink.isAtLineStart { sink.write("\n", to: .standardOutput) }
    var frame = 0
    sink.write("paused \(pause.reason)\n" + Self.listing(of: pause.frames, frame), to: .standardOutput)
    while let request = next(isPaused: true) {
      switch request {
      case .nothing: break
      case .run(let source): _ = pause.run(source, in: frame)
      case .inspect(let name, let detail): _ = inspect(name, detail: detail)
      case .command(let text):
        let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
        let argument = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
        switch REPLCommand(beginning: words.first ?? "") {
        case .next: return .stepOver
        case .into: return .stepIn
        case .out: return .stepOut
        case .proceed: return .proceed
        case .quit: return .end
        case .frame: choose(argument, &frame, of: pause)
        case .vars: _ = show(pause.variables(of: frame), with: argument)
        case .breakpoint: _ = setBreakpoint(argument)
        case .help: sink.write(Self.pauseHelp, to: .standardOutput)
        default:
          _ = refuse("':\(Escaping.line(text))' is not for a paused program; ':help' lists what is")
        }
      }
    }
    return .end
  }

  private func choose(_ argument: String, _ frame: inout Int, of pause: any REPLPause) {
    if argument.isEmpty {
      let lines = pause.frames.enumerated().map { number, call in
        "\(number == frame ? "→" : " ") \(number)  \(call.name), \(call.place)\n"
      }
      sink.write(lines.joined(), to: .standardOutput)
    } else if let number = Int(argument), pause.frames.indices.contains(number) {
      frame = number
      sink.write(Self.listing(of: pause.frames, frame), to: .standardOutput)
    } else {
      _ = refuse("the calls are numbered 0 to \(pause.frames.count - 1)")
    }
  }

  /// The call's name and place, and the lines around where it stands.
  private static func listing(of frames: [REPLFrame], _ number: Int) -> String {
    guard frames.indices.contains(number) else { return "" }
    let frame = frames[number]
    let lines = frame.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let shown = max(1, frame.line - 1)...max(1, min(lines.count, frame.line + 1))
    let width = String(shown.upperBound).count
    let excerpt = shown.filter { lines.indices.contains($0 - 1) }.map { line in
      let number = String(line)
      let space = String(repeating: " ", count: width - number.count)
      return
        "\(line == frame.line ? "→" : " ") \(space)\(number) | \(Escaping.line(String(lines[line - 1])))\n"
    }
    return "in \(frame.name), \(frame.place)\n" + excerpt.joined()
  }

  private static var pauseHelp: String {
    let commands: [REPLCommand] = [.next, .into, .out, .proceed, .frame, .vars, .breakpoint, .quit]
    return "code runs where the program stands, and may change its variables\n"
      + commands.map { command in
        let help =
          command == .quit ? (usage: ":quit", text: "end the paused program, as does Ctrl-D") : command.help
        return help.usage.padding(toLength: 18, withPad: " ", startingAt: 0) + help.text + "\n"
      }.joined()
  }
}

extension REPLFrame {
  fileprivate var place: String { "\(source):\(line)" }
}

extension REPLBreakpoint {
  /// Without its condition: what a breakpoint replaces another at.
  fileprivate var place: String {
    switch self {
    case .function(let name, _): name
    case .line(let line, _, let file, _): "\(file):\(line)"
    case .errors: "throw"
    }
  }

  fileprivate var description: String {
    switch self {
    case .function(_, let condition?), .line(_, _, _, let condition?): "\(place) if \(condition)"
    default: place
    }
  }
}
