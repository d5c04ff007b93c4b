internal import CZeroMQ

/// A ZeroMQ socket. It belongs to one thread: the one that starts using it after it was made.
final class Socket: @unchecked Sendable {
  enum Kind {
    /// Requests and replies, with the client's identity. `mandatory` reports an unknown client instead of dropping.
    case router(mandatory: Bool)
    /// Output to every subscriber.
    case publisher
    /// A client's requests, under an identity of its own.
    case dealer(identity: String)
    /// A client's view of all output.
    case subscriber

    var code: Int32 {
      switch self {
      case .router: ZMQ_ROUTER
      case .publisher: ZMQ_XPUB
      case .dealer: ZMQ_DEALER
      case .subscriber: ZMQ_SUB
      }
    }
  }

  /// How sending went.
  enum Sending {
    case sent
    /// A subscriber's queue is full.
    case full
    /// Nobody has the identity the message goes to.
    case unreachable
    /// The context is shutting down.
    case ended
  }

  /// Frames after this many in one message are dropped.
  static let frameLimit = 4096
  /// A frame longer than this ends the connection it comes from.
  static let frameSizeLimit: Int64 = 256 << 20

  let handle: UnsafeMutableRawPointer

  init(_ handle: UnsafeMutableRawPointer) {
    self.handle = handle
  }

  func configure(_ kind: Kind) throws(KernelServerError) {
    try set(ZMQ_LINGER, 1000)
    try set(ZMQ_MAXMSGSIZE, wide: Socket.frameSizeLimit)
    switch kind {
    case .router(let isMandatory):
      try set(ZMQ_ROUTER_HANDOVER, 1)
      try set(ZMQ_SNDHWM, 0)  // a ROUTER drops what does not fit; replies are as many as the client asked for
      if isMandatory { try set(ZMQ_ROUTER_MANDATORY, 1) }
    case .publisher:
      try set(ZMQ_XPUB_VERBOSE, 1)
      try setNoDrop(true)
    case .dealer(let identity):
      try set(ZMQ_ROUTING_ID, text: identity)
    case .subscriber:
      try set(ZMQ_RCVHWM, 0)
      try set(ZMQ_SUBSCRIBE, text: "")
    }
  }

  /// Whether a full subscriber makes sending fail rather than lose the message.
  func setNoDrop(_ noDrop: Bool) throws(KernelServerError) {
    try set(ZMQ_XPUB_NODROP, noDrop ? 1 : 0)
  }

  /// Can be read when something may have happened here; only once for each time, until the socket is asked.
  var descriptor: Int32? {
    var descriptor: Int32 = -1
    var size = MemoryLayout<Int32>.size
    return zmq_getsockopt(handle, ZMQ_FD, &descriptor, &size) == 0 ? descriptor : nil
  }

  func set(_ option: Int32, _ value: Int32) throws(KernelServerError) {
    var value = value
    try check(zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size), "zmq_setsockopt")
  }

  func set(_ option: Int32, wide value: Int64) throws(KernelServerError) {
    var value = value
    try check(zmq_setsockopt(handle, option, &value, MemoryLayout<Int64>.size), "zmq_setsockopt")
  }

  func set(_ option: Int32, text value: String) throws(KernelServerError) {
    try check(zmq_setsockopt(handle, option, value, value.utf8.count), "zmq_setsockopt")
  }

  private func check(_ status: Int32, _ call: String) throws(KernelServerError) {
    if status != 0 { throw .socket(call, Socket.lastError) }
  }

  /// ZeroMQ's words for what failed last on this thread.
  static var lastError: String { String(cString: zmq_strerror(zmq_errno())) }

  /// The frames of a message that has arrived; `nil` when there is none.
  func receive() -> [[UInt8]]? {
    var frames: [[UInt8]] = []
    var message = zmq_msg_t()
    zmq_msg_init(&message)
    defer { zmq_msg_close(&message) }
    while true {
      if zmq_msg_recv(&message, handle, frames.isEmpty ? ZMQ_DONTWAIT : 0) < 0 {
        if zmq_errno() == EINTR { continue }
        return nil
      }
      if frames.count < Socket.frameLimit {
        let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message))
        frames.append(Array(bytes))
      }
      if zmq_msg_more(&message) == 0 { return frames }
    }
  }

  /// Sends a message whole or not at all.
  func send(_ frames: [[UInt8]]) -> Sending {
    var index = 0
    while index < frames.count {
      let more = index + 1 < frames.count ? ZMQ_SNDMORE : 0
      // Only the first frame can fail for want of room; the others belong to a message already begun.
      if zmq_send(handle, frames[index], frames[index].count, more | ZMQ_DONTWAIT) >= 0 {
        index += 1
        continue
      }
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN where index > 0: continue
      case EAGAIN: return .full
      case EHOSTUNREACH: return .unreachable
      default: return .ended
      }
    }
    return .sent
  }

  /// Closes the socket; what it holds is still sent for about a second.
  func close() {
    zmq_close(handle)
  }
}
