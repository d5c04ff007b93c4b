import Display
import Foundation
import TestSupport
import Testing

@Suite("Console output")
struct ConsoleSinkTests {
  /// Runs `body` with a sink whose two streams are files, and returns what they hold in the end.
  private func captured(input: String = "", _ body: (ConsoleSink) throws -> Void) throws -> (String, String) {
    try withTemporaryFolder { folder in
      let paths = ["out", "err", "in"].map { folder + "/" + $0 }
      try input.write(toFile: paths[2], atomically: false, encoding: .utf8)
      let files = [
        open(paths[0], O_WRONLY | O_CREAT, 0o600), open(paths[1], O_WRONLY | O_CREAT, 0o600),
        open(paths[2], O_RDONLY),
      ]
      defer { for file in files { close(file) } }
      let sink = ConsoleSink(output: files[0], error: files[1], input: files[2])
      try body(sink)
      return (
        try String(contentsOfFile: paths[0], encoding: .utf8),
        try String(contentsOfFile: paths[1], encoding: .utf8)
      )
    }
  }

  @Test("files get text without colour, values on a line of their own")
  func files() throws {
    let (output, error) = try captured { sink in
      #expect(!sink.isInteractive && !sink.isRich)
      sink.write("loss ", to: .standardOutput)
      sink.display(MIMEBundle(plain: "0.5"), id: nil, update: false)
      sink.write("oops\n", to: .standardError)
      sink.write("äöü\n", to: .standardOutput)
    }
    #expect(output == "loss \n0.5\näöü\n")
    #expect(error == "oops\n")
  }

  @Test("progress goes to standard error, so that results can be piped")
  func progress() throws {
    let (output, error) = try captured { sink in
      let progress = TrainingProgress(total: 3, sink: sink)
      for iteration in 1...3 { progress.update(iteration: iteration, loss: 0.25) }
      progress.finish()
    }
    #expect(output.isEmpty)
    #expect(error.hasPrefix("training 3/3") && error.hasSuffix("loss 0.25\n"))
  }

  @Test("lines are read without their ends, and the end of input is told apart")
  func readLine() throws {
    let (output, error) = try captured(input: "first\r\n\nlast") { (sink) throws in
      #expect(try sink.readLine(prompt: "? ", isPassword: false) == "first")
      #expect(try sink.readLine(prompt: "? ", isPassword: true)?.isEmpty == true)
      #expect(try sink.readLine(prompt: "? ", isPassword: false) == "last")
      #expect(throws: InputError.endOfInput) { try sink.readLine(prompt: "? ", isPassword: false) }
    }
    #expect(output.isEmpty)
    #expect(error == "? ? ? ? ")
  }

  @Test("a wait for input can be ended from outside")
  func stopReading() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let sink = ConsoleSink(output: ends[1], error: ends[1], input: ends[0], colour: false)
    sink.stopReading(when: { true })
    #expect(throws: InputError.interrupted) { try sink.nextLine() }
    #expect(write(ends[1], "answer\n", 7) == 7)
    #expect(try sink.nextLine() == "answer")
  }

  @Test("a terminal display is rewritten in place while it is the last thing shown")
  func terminal() throws {
    var leader: Int32 = 0
    var follower: Int32 = 0
    var size = winsize(ws_row: 24, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&leader, &follower, nil, nil, &size) == 0)
    defer {
      close(leader)
      close(follower)
    }
    setenv("TERM", "xterm", 1)
    let sink = ConsoleSink(output: follower, error: follower, input: follower, colour: false)
    #expect(sink.isInteractive)
    #expect(sink.style.width == 60)
    sink.display(MIMEBundle(plain: "a\nb"), id: "x", update: false)
    sink.display(MIMEBundle(plain: "c"), id: "x", update: true)
    sink.write("text", to: .standardOutput)
    sink.display(MIMEBundle(plain: "d"), id: "x", update: true)
    var buffer = [UInt8](repeating: 0, count: 4096)
    let expected = "a\r\nb\r\n\u{1B}[2A\r\u{1B}[Jc\r\ntext\r\nd\r\n"
    var text = ""
    while text.utf8.count < expected.utf8.count {
      let count = read(leader, &buffer, buffer.count)
      if count <= 0 { break }
      text += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    #expect(text == expected)
  }
}
