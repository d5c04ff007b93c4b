/// The heartbeat thread: sends back the very bytes it gets, whatever the other threads are doing.
final class HeartbeatLoop {
  private let socket: Socket
  private var poller: Poller

  init(socket: Socket) {
    self.socket = socket
    poller = Poller(sockets: [socket], descriptors: [])
  }

  func run() {
    defer { socket.close() }
    while poller.wait() {
      while let frames = socket.receive() { _ = socket.send(frames) }
    }
  }
}
