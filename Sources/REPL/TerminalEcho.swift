import Glibc

/// Keeps the terminal from showing `^C` while the loop runs.
struct TerminalEcho {
  private var saved = termios()
  private let isChanged: Bool

  init() {
    guard tcgetattr(STDIN_FILENO, &saved) == 0 else {
      isChanged = false
      return
    }
    var quiet = saved
    quiet.c_lflag &= ~tcflag_t(ECHOCTL)
    isChanged = tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet) == 0
  }

  func restore() {
    var saved = saved
    if isChanged { tcsetattr(STDIN_FILENO, TCSADRAIN, &saved) }
  }
}
