import CZeroMQ
import JSONCoding
import JupyterKernel
import JupyterWire
import Testing

@Suite("Kernel", .serialized)
struct KernelTests {
  @Test("a cell's messages come in order, with one number, and idle last")
  func cell() throws {
    let client = try FrontEnd()
    let id = client.execute("print hello\n6 * 7")
    try client.busy(id)
    #expect(
      try client.published("execute_input", for: id) == ["code": "print hello\n6 * 7", "execution_count": 1])
    #expect(try client.published("stream", for: id) == ["name": "stdout", "text": "hello\n"])
    let result = try client.published("execute_result", for: id)
    #expect(result["data"] == ["text/plain": "6 * 7"] && result["execution_count"] == 1)
    try client.idle(id)
    let reply = try client.receive(.shell)
    #expect(reply.content?["status"] == "ok" && reply.content?["execution_count"] == 1)
    #expect(reply.metadata["started"]?.string != nil)
    #expect(try client.finish() == .shutdown(restart: true))
    #expect(client.host.events.withLock { $0 } == ["start", "execute print hello\n6 * 7", "shutdown true"])
  }

  @Test("printed text is run together, in order and whole")
  func streams() throws {
    let client = try FrontEnd()
    let id = client.execute("lines 30000\nwarn done")
    try client.begins(id)
    var (text, messages) = ("", 0)
    while true {
      let message = try client.receive(.iopub)
      guard message.header.type == "stream" else {
        #expect(message.content == ["execution_state": "idle"])
        break
      }
      messages += 1
      text += message.content?["text"]?.string ?? ""
    }
    #expect(text == (0..<30_000).map { "line \($0)\n" }.joined() + "done\n")
    #expect(messages < 300)
    _ = try client.replied("execute_reply", to: id)
    try client.finish()
  }

  @Test("displays, updates and clearing keep their place")
  func displays() throws {
    let client = try FrontEnd()
    let id = client.execute("display d1 one\nprint between\nupdate d1 two\nclear\npage help")
    try client.begins(id)
    let shown = try client.published("display_data", for: id)
    #expect(shown["data"] == ["text/plain": "one", "text/html": "<b>toy</b>"])
    #expect(shown["transient"] == ["display_id": "d1"])
    _ = try client.published("stream", for: id)
    #expect(try client.published("update_display_data", for: id)["transient"] == ["display_id": "d1"])
    #expect(try client.published("clear_output", for: id) == ["wait": true])
    try client.idle(id)
    let reply = try client.replied("execute_reply", to: id)
    #expect(reply["payload"] == [["source": "page", "data": ["text/plain": "help"], "start": 0]])
    try client.finish()
  }

  @Test("a silent cell publishes its status only and does not count")
  func silent() throws {
    let client = try FrontEnd()
    for code in ["print x\ndisplay d y\nvalue", "fail quietly"] {
      let id = client.execute(code, options: ["silent": true, "store_history": true])
      try client.busy(id)
      try client.idle(id)
      #expect(try client.replied("execute_reply", to: id)["execution_count"] == 0)
    }
    #expect(try client.ask("history_request", ["hist_access_type": "tail", "n": 5])["history"] == [])
    try client.finish()
  }

  @Test("user expressions are evaluated after a cell that succeeds")
  func userExpressions() throws {
    let client = try FrontEnd()
    let id = client.execute("nothing", options: ["user_expressions": ["a": "x", "b": "fail"]])
    try client.begins(id)
    try client.idle(id)
    let values = try client.replied("execute_reply", to: id)["user_expressions"]
    #expect(values?["a"] == ["status": "ok", "data": ["text/plain": "x"], "metadata": [:]])
    #expect(values?["b"]?["status"] == "error" && values?["b"]?["ename"] == "Failure")
    try client.finish()
  }

  @Test("a failure aborts the cells that wait, and only those")
  func abort() throws {
    let client = try FrontEnd()
    let failing = client.execute("gate\nfail badly")
    let waiting = [client.execute("print one"), client.execute("print two", options: ["silent": true])]
    try client.begins(failing)
    let info = try client.ask("kernel_info_request", [:])  // behind the waiting cells, and answered
    #expect(info["protocol_version"] == "5.5")
    client.host.open()
    #expect(
      try client.published("error", for: failing)
        == ["ename": "Failure", "evalue": "badly", "traceback": ["Failure: badly"]])
    try client.idle(failing)
    #expect(try client.replied("execute_reply", to: failing)["status"] == "error")
    for id in waiting {
      try client.busy(id)
      try client.idle(id)
      let reply = try client.replied("execute_reply", to: id)
      #expect(reply["status"] == "error" && reply["execution_count"] == 1)
    }
    let after = client.execute("print after")
    try client.begins(after)
    _ = try client.published("stream", for: after)
    try client.idle(after)
    #expect(try client.replied("execute_reply", to: after)["execution_count"] == 2)
    try client.finish()
  }

  @Test("without stop_on_error the cells that wait are run")
  func goesOn() throws {
    let client = try FrontEnd()
    let failing = client.execute("gate\nfail", options: ["stop_on_error": false])
    let waiting = client.execute("nothing")
    client.host.open()
    try client.begins(failing)
    _ = try client.published("error", for: failing)
    try client.idle(failing)
    try client.begins(waiting)
    try client.idle(waiting)
    #expect(try client.replied("execute_reply", to: failing)["status"] == "error")
    #expect(try client.replied("execute_reply", to: waiting)["status"] == "ok")
    try client.finish()
  }

  @Test("completion, inspection and the rest are answered while a cell runs")
  func meanwhile() throws {
    let client = try FrontEnd()
    let id = client.execute("gate")
    try client.begins(id)
    client.host.wait(for: "execute gate")
    let completions = try client.ask("complete_request", ["code": "🙂 ab cd", "cursor_pos": 4])
    #expect(completions["matches"] == ["abab", "ab!"])
    #expect(completions["cursor_start"] == 2 && completions["cursor_end"] == 4)
    #expect(completions["metadata"]?["_jupyter_types_experimental"]?.array?.count == 2)
    let inspection = try client.ask("inspect_request", ["code": "x", "cursor_pos": 99, "detail_level": 1])
    #expect(inspection["data"] == ["text/plain": "x at 1, detail 1"] && inspection["found"] == true)
    #expect(try client.ask("inspect_request", ["code": "unknown"])["found"] == false)
    #expect(
      try client.ask("is_complete_request", ["code": "f {"]) == ["status": "incomplete", "indent": "  "])
    #expect(
      try client.ask("history_request", ["hist_access_type": "tail", "n": 1])["history"] == [[1, 1, "gate"]])
    #expect(try client.ask("comm_info_request", [:])["comms"] == [:])
    client.host.open()
    try client.idle(id)
    _ = try client.replied("execute_reply", to: id)
    try client.finish()
  }

  @Test("an interrupt ends the running cell, and never a later one")
  func interrupt() throws {
    let client = try FrontEnd()
    #expect(try client.ask("interrupt_request", [:], on: .control) == ["status": "ok"])  // nothing runs yet
    let loop = client.execute("print in\nloop")
    try client.begins(loop)
    _ = try client.published("stream", for: loop)
    let id = client.send("interrupt_request", [:], on: .control)
    #expect(try client.replied("interrupt_reply", to: id, on: .control) == ["status": "ok"])
    var own: [JSONValue?] = []
    for _ in 0..<4 {  // the cell's end and the interrupt's status come from two threads, in either order
      let message = try client.receive(.iopub)
      if message.parentHeader["msg_id"]?.string == loop {
        own.append(message.content?["ename"] ?? message.content?["execution_state"])
      }
    }
    #expect(own == ["Interrupted", "idle"])
    #expect(try client.replied("execute_reply", to: loop)["status"] == "error")
    let next = client.execute("nothing")
    try client.begins(next)
    try client.idle(next)
    #expect(try client.replied("execute_reply", to: next)["status"] == "ok")
    try client.finish()
  }

  @Test("a question goes to the client that asked, and its answer comes back")
  func input() throws {
    let client = try FrontEnd()
    let id = client.execute("password key?", options: ["allow_stdin": true])
    try client.begins(id)
    #expect(try client.replied("input_request", to: id, on: .stdin) == ["prompt": "key?", "password": true])
    client.send("input_reply", ["value": "s3cret"], on: .stdin)
    #expect(try client.published("execute_result", for: id)["data"] == ["text/plain": "s3cret"])
    try client.idle(id)
    _ = try client.replied("execute_reply", to: id)
    let denied = client.execute("ask name?")
    try client.begins(denied)
    #expect(try client.published("error", for: denied)["ename"] == "InputError")
    try client.idle(denied)
    _ = try client.replied("execute_reply", to: denied)
    try client.finish()
  }

  @Test("garbage, forgeries and replays publish nothing and run nothing")
  func distrust() throws {
    let client = try FrontEnd()
    let (frames, id) = client.message("execute_request", ["code": "nothing"])
    var forged = frames
    forged[forged.count - 1] = Array(#"{"code": "print forged"}"#.utf8)
    let delimiter = Array("<IDS|MSG>".utf8)
    for channel in [ConnectionInfo.Channel.shell, .control, .stdin] {
      for bad in [
        forged, [[]], [delimiter], [delimiter, []], [[1, 2, 3], [0xff]], Array(frames.dropLast()),
      ] {
        client.send(bad, on: channel)
      }
    }
    client.send(frames, on: .shell)
    try client.begins(id)
    try client.idle(id)
    _ = try client.replied("execute_reply", to: id)
    client.send(frames, on: .shell)
    client.send(frames, on: .control)
    try client.finish()
    #expect(client.host.events.withLock { $0 } == ["start", "execute nothing", "shutdown true"])
  }

  @Test("requests that cannot be understood get an error reply between busy and idle")
  func misunderstood() throws {
    let client = try FrontEnd()
    for (type, content) in [
      ("nonsense_request", [:]), ("complete_request", ["code": 1]),
      ("history_request", ["hist_access_type": "x"]),
      ("inspect_request", [:]), ("comm_info_request", [:]),
    ] as [(String, JSONValue)] {
      let expected: JSONValue = type == "comm_info_request" ? "ok" : "error"
      #expect(try client.ask(type, content)["status"] == expected)
    }
    let id = client.send("execute_request", ["silent": false])
    try client.busy(id)
    #expect(try client.published("error", for: id)["ename"] == "InvalidRequest")
    try client.idle(id)
    #expect(try client.replied("execute_reply", to: id)["execution_count"] == 0)
    let comm = client.send("comm_open", ["comm_id": "c", "target_name": "t"])
    try client.busy(comm)
    #expect(try client.published("comm_close", for: comm)["comm_id"] == "c")
    try client.idle(comm)
    try client.finish()
  }

  @Test("a subscriber that reads nothing holds up nobody for ever")
  func deadSubscriber() throws {
    let client = try FrontEnd(patience: 1000)
    let dead = try client.subscribe(limit: 1)
    #expect(try client.receive(from: dead).header.type == "iopub_welcome")
    #expect(try client.published("iopub_welcome", for: nil) == ["subscription": ""])
    let count = 3000
    let id = client.execute(
      (0..<count).map { "display d \($0) \(String(repeating: "x", count: 500))" }.joined(separator: "\n"))
    try client.begins(id)
    for number in 0..<count {
      let text = try client.published("display_data", for: id)["data"]?["text/plain"]?.string
      try #require(text?.hasPrefix("\(number) ") == true)
    }
    try client.idle(id)
    _ = try client.replied("execute_reply", to: id)
    zmq_close(dead)
    try client.finish()
  }

  @Test("a place that is taken is one sentence")
  func taken() throws {
    let connection = ConnectionInfo(
      transport: .ipc, ip: "/nonexistent/k",
      ports: [.shell: 1, .iopub: 2, .stdin: 3, .control: 4, .heartbeat: 5])
    let error = #expect(throws: KernelServerError.self) {
      try RunningKernel(connection: connection, host: ToyHost())
    }
    #expect(error?.description.contains("ipc:///nonexistent/k-1") == true)
  }
}
