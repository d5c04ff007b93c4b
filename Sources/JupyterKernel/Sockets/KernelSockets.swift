internal import JupyterWire

/// The five sockets of a kernel, listening.
struct KernelSockets {
  let context: SocketContext
  let shell: Socket
  let control: Socket
  let publisher: Socket
  let input: Socket
  let heartbeat: Socket

  /// Listens on all, or on none.
  init(_ connection: ConnectionInfo) throws(KernelServerError) {
    let context = try SocketContext()
    var sockets: [Socket] = []
    func listen(_ kind: Socket.Kind, _ channel: ConnectionInfo.Channel) throws(KernelServerError) -> Socket {
      do throws(KernelServerError) {
        let socket = try context.listen(kind, channel, connection)
        sockets.append(socket)
        return socket
      } catch {
        for socket in sockets { socket.close() }
        context.terminate()
        throw error
      }
    }
    self.context = context
    shell = try listen(.router(mandatory: false), .shell)
    control = try listen(.router(mandatory: false), .control)
    publisher = try listen(.publisher, .iopub)
    input = try listen(.router(mandatory: true), .stdin)
    heartbeat = try listen(.router(mandatory: false), .heartbeat)
  }
}
