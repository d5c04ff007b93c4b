internal import CZeroMQ
internal import JupyterWire

/// The ZeroMQ context that all sockets of a kernel share. Any thread.
final class SocketContext: @unchecked Sendable {
  private let context: UnsafeMutableRawPointer

  init() throws(KernelServerError) {
    guard let context = zmq_ctx_new() else { throw .socket("zmq_ctx_new", Socket.lastError) }
    self.context = context
  }

  /// A socket that listens where the connection says, encrypted when it has keys.
  func listen(_ kind: Socket.Kind, _ channel: ConnectionInfo.Channel, _ connection: ConnectionInfo)
    throws(KernelServerError) -> Socket
  {
    try socket(kind, connection) { (socket) throws(KernelServerError) in
      if let keys = connection.curve {
        try socket.set(ZMQ_CURVE_SERVER, 1)
        try socket.set(ZMQ_CURVE_SECRETKEY, text: keys.secretKey)
      }
      let address = connection.address(channel)
      guard zmq_bind(socket.handle, address) == 0 else {
        throw KernelServerError.bind(address: address, reason: Socket.lastError)
      }
    }
  }

  /// A socket of a client, connected to where a kernel listens.
  func connect(_ kind: Socket.Kind, _ channel: ConnectionInfo.Channel, _ connection: ConnectionInfo)
    throws(KernelServerError) -> Socket
  {
    try socket(kind, connection) { (socket) throws(KernelServerError) in
      if let keys = connection.curve {
        try socket.set(ZMQ_CURVE_SERVERKEY, text: keys.publicKey)
        try socket.set(ZMQ_CURVE_PUBLICKEY, text: keys.publicKey)
        try socket.set(ZMQ_CURVE_SECRETKEY, text: keys.secretKey)
      }
      guard zmq_connect(socket.handle, connection.address(channel)) == 0 else {
        throw KernelServerError.socket("zmq_connect", Socket.lastError)
      }
    }
  }

  private func socket(
    _ kind: Socket.Kind, _ connection: ConnectionInfo, _ attach: (Socket) throws(KernelServerError) -> Void
  ) throws(KernelServerError) -> Socket {
    guard let handle = zmq_socket(context, kind.code) else { throw .socket("zmq_socket", Socket.lastError) }
    let socket = Socket(handle)
    do throws(KernelServerError) {
      try socket.configure(kind)
      if connection.ip.contains(":") { try socket.set(ZMQ_IPV6, 1) }
      try attach(socket)
    } catch {
      socket.close()
      throw error
    }
    return socket
  }

  /// Makes every blocking call on a socket of this context end.
  func shutdown() {
    zmq_ctx_shutdown(context)
  }

  /// Waits until all sockets are closed and what they hold is sent, or their linger time is over.
  func terminate() {
    while zmq_ctx_term(context) != 0 && zmq_errno() == EINTR {}
  }
}
