import Display
import Foundation

extension InteractiveLoop {
  /// The type of variables that `:step` and `:back` walk, as the host names it.
  private static let steppers = "Stepper"

  /// `:step`, `:step 3`, `:step s 3`: takes steps of the one stepper there is, or of a named one, and shows where it is
  /// and what is watched. `:back` goes back in the same way.
  func walk(_ method: String, _ argument: String) -> Bool {
    guard let all = host.variables() else { return refuse("the variables of this kernel cannot be listed") }
    var words = argument.split(whereSeparator: \.isWhitespace).map(String.init)
    let steppers = all.filter { $0.type == Self.steppers }.map(\.name)
    var chosen = steppers.last
    if let first = words.first, Int(first) == nil {
      guard steppers.contains(first) else {
        return refuse(
          steppers.isEmpty
            ? "there is no stepper; make one: let s = maml.stepper(task)"
            : "'\(Escaping.line(first))' is no stepper; there \(steppers.count == 1 ? "is" : "are") \(steppers.joined(separator: ", "))"
        )
      }
      chosen = first
      words.removeFirst()
    } else if steppers.count > 1 {
      return refuse("which of \(steppers.joined(separator: ", "))? Write :\(method) \(steppers[0])")
    }
    guard let name = chosen else {
      return refuse("there is no stepper; make one: let s = maml.stepper(task)")
    }
    guard words.count < 2, let count = Int(words.first ?? "1"), count >= 0 else {
      return refuse(":\(method) takes a number of steps, and a stepper's name before it")
    }
    guard run("\(name).\(method)(\(count))") else { return false }
    return watched.allSatisfy(show)
  }

  /// `:watch s.loss` shows an expression after each step; `:watch` lists what is watched, `:watch -` forgets it.
  func watch(_ expression: String) -> Bool {
    switch expression {
    case "":
      let lines = watched.isEmpty ? ["nothing is watched"] : watched
      sink.write(lines.map { $0 + "\n" }.joined(), to: .standardOutput)
      return true
    case "-":
      watched = []
      return true
    default:
      guard show(expression) else { return false }
      if !watched.contains(expression) { watched.append(expression) }
      return true
    }
  }

  /// Its text and its value.
  private func show(_ expression: String) -> Bool {
    let text = expression.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(
      of: "\"", with: "\\\"")
    return host.run("print(\"\(text):\", \(expression))")
  }
}
