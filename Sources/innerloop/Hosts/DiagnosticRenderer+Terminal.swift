import Diagnostics
import Display
import Foundation

extension DiagnosticRenderer {
  /// For what standard error is at this moment: as wide as a terminal and in its colours, or whole lines for a file.
  static var standardError: DiagnosticRenderer {
    let isTerminal = isatty(STDERR_FILENO) != 0
    let style = TerminalStyle.current(descriptor: STDERR_FILENO)
    var renderer = DiagnosticRenderer(colour: style.colour)
    if isTerminal { renderer.width = style.width }
    return renderer
  }
}
