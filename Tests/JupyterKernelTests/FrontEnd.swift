import CZeroMQ
import Display
import JSONCoding
import JupyterKernel
import JupyterWire
import Testing

/// A client of a kernel in this process that expects every message: one that nobody asked for is a failure.
final class FrontEnd {
  let host: ToyHost
  let kernel: RunningKernel
  private let context: UnsafeMutableRawPointer
  private let encoder: MessageEncoder
  private var sockets: [ConnectionInfo.Channel: UnsafeMutableRawPointer] = [:]
  private let connection: ConnectionInfo
  private let folder = TemporaryFolder()

  init(key: String = "a key", patience: Int = 20_000) throws {
    host = ToyHost()
    connection = ConnectionInfo(
      transport: .ipc, ip: "\(folder.path)/k",
      ports: [.shell: 1, .iopub: 2, .stdin: 3, .control: 4, .heartbeat: 5], key: Array(key.utf8))
    kernel = try RunningKernel(connection: connection, host: host, patience: patience)
    context = try #require(zmq_ctx_new())
    encoder = MessageEncoder(key: connection.key, username: "test")
    for channel in [ConnectionInfo.Channel.shell, .control, .stdin] {
      sockets[channel] = try connect(channel)
    }
    sockets[.iopub] = try subscribe()
    #expect(try published("iopub_welcome", for: nil) == ["subscription": ""])
    #expect(try published("status", for: nil) == ["execution_state": "starting"])
  }

  private func connect(_ channel: ConnectionInfo.Channel) throws -> UnsafeMutableRawPointer {
    let socket = try #require(zmq_socket(context, ZMQ_DEALER))
    zmq_setsockopt(socket, ZMQ_ROUTING_ID, "test", 4)
    return try open(socket, channel)
  }

  /// A subscriber; with a limit, one that holds no more than so many messages.
  func subscribe(limit: Int32? = nil) throws -> UnsafeMutableRawPointer {
    let socket = try #require(zmq_socket(context, ZMQ_SUB))
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0)
    if var limit { zmq_setsockopt(socket, ZMQ_RCVHWM, &limit, 4) }
    return try open(socket, .iopub)
  }

  private func open(_ socket: UnsafeMutableRawPointer, _ channel: ConnectionInfo.Channel) throws
    -> UnsafeMutableRawPointer
  {
    var time: Int32 = 10_000
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &time, 4)
    var linger: Int32 = 0
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, 4)
    try #require(zmq_connect(socket, connection.address(channel)) == 0)
    return socket
  }

  // MARK: Sending

  /// Sends a request and returns its identifier.
  @discardableResult
  func send(_ type: String, _ content: JSONValue, on channel: ConnectionInfo.Channel = .shell) -> String {
    let (frames, id) = message(type, content)
    send(frames, on: channel)
    return id
  }

  /// The signed frames of a request, and its identifier.
  func message(_ type: String, _ content: JSONValue) -> (frames: [[UInt8]], id: String) {
    let header = encoder.header(type: type)
    let frames = encoder.frames(prefix: [], header: header, parent: [], content: content.serializedBytes())
    return (frames, header.id)
  }

  func send(_ frames: [[UInt8]], on channel: ConnectionInfo.Channel) {
    for (index, frame) in frames.enumerated() {
      zmq_send(sockets[channel], frame, frame.count, index + 1 < frames.count ? ZMQ_SNDMORE : 0)
    }
  }

  func execute(_ code: String, options: JSONValue = [:]) -> String {
    var content: JSONValue = ["code": .string(code)]
    for (key, value) in options.object ?? [:] { content[key] = value }
    return send("execute_request", content)
  }

  // MARK: Receiving

  /// The next message on a channel, whatever it is.
  func receive(_ channel: ConnectionInfo.Channel) throws -> IncomingMessage {
    try receive(from: try #require(sockets[channel]))
  }

  func receive(from socket: UnsafeMutableRawPointer) throws -> IncomingMessage {
    var frames: [[UInt8]] = []
    var part = zmq_msg_t()
    zmq_msg_init(&part)
    defer { zmq_msg_close(&part) }
    repeat {
      try #require(zmq_msg_recv(&part, socket, 0) >= 0, "a message arrives in time")
      frames.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&part), count: zmq_msg_size(&part))))
    } while zmq_msg_more(&part) != 0
    // A decoder of its own, since each subscriber sees the same messages.
    return try MessageDecoder(key: connection.key).decode(frames)
  }

  /// The content of the next message on IOPub, which must be of this type and answer this request.
  func published(_ type: String, for id: String?, at location: SourceLocation = #_sourceLocation) throws
    -> JSONValue
  {
    try expect(type, from: receive(.iopub), for: id, location)
  }

  /// The content of the next reply, which must be of this type and answer this request.
  func replied(
    _ type: String, to id: String, on channel: ConnectionInfo.Channel = .shell,
    at location: SourceLocation = #_sourceLocation
  ) throws -> JSONValue {
    try expect(type, from: receive(channel), for: id, location)
  }

  private func expect(
    _ type: String, from message: IncomingMessage, for id: String?, _ location: SourceLocation
  ) throws
    -> JSONValue
  {
    #expect(message.header.type == type, sourceLocation: location)
    #expect(message.parentHeader["msg_id"]?.string == id, sourceLocation: location)
    return try #require(message.content, sourceLocation: location)
  }

  func busy(_ id: String, at location: SourceLocation = #_sourceLocation) throws {
    #expect(
      try published("status", for: id, at: location) == ["execution_state": "busy"], sourceLocation: location)
  }

  func idle(_ id: String, at location: SourceLocation = #_sourceLocation) throws {
    #expect(
      try published("status", for: id, at: location) == ["execution_state": "idle"], sourceLocation: location)
  }

  /// Sends a request that is answered at once, and returns the reply's content.
  func ask(
    _ type: String, _ content: JSONValue, on channel: ConnectionInfo.Channel = .shell,
    at location: SourceLocation = #_sourceLocation
  ) throws -> JSONValue {
    let id = send(type, content, on: channel)
    try busy(id, at: location)
    try idle(id, at: location)
    return try replied(type.replacing("_request", with: "_reply"), to: id, on: channel, at: location)
  }

  /// Expects a cell to begin.
  func begins(_ id: String, at location: SourceLocation = #_sourceLocation) throws {
    try busy(id, at: location)
    _ = try published("execute_input", for: id, at: location)
  }

  /// Ends the kernel, and with it the test: nothing may have been sent that was not expected.
  @discardableResult
  func finish(at location: SourceLocation = #_sourceLocation) throws -> KernelEnd {
    _ = try ask("kernel_info_request", [:], at: location)  // the next messages, so nothing came before
    _ = try ask("kernel_info_request", [:], on: .control, at: location)
    let id = send("shutdown_request", ["restart": true], on: .control)
    try busy(id, at: location)
    let expected: JSONValue = ["status": "ok", "restart": true]
    #expect(try published("shutdown_reply", for: id, at: location) == expected)
    try idle(id, at: location)
    #expect(try replied("shutdown_reply", to: id, on: .control, at: location) == expected)
    let end = kernel.waitUntilEnded()
    for socket in sockets.values { zmq_close(socket) }
    zmq_ctx_term(context)
    return end
  }
}

extension String {
  fileprivate func replacing(_ ending: String, with other: String) -> String {
    hasSuffix(ending) ? dropLast(ending.count) + other : self
  }
}
