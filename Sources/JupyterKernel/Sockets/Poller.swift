internal import CZeroMQ

/// Waits for sockets and descriptors, for the thread that owns them.
struct Poller {
  private var items: [zmq_pollitem_t]

  init(sockets: [Socket], descriptors: [Int32]) {
    items = sockets.map { zmq_pollitem_t(socket: $0.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0) }
    items += descriptors.map { zmq_pollitem_t(socket: nil, fd: $0, events: Int16(ZMQ_POLLIN), revents: 0) }
  }

  /// Waits until something can be read, at most so many milliseconds; forever when `nil`.
  /// - Returns: False when the context is shutting down.
  mutating func wait(_ milliseconds: Int? = nil) -> Bool {
    if zmq_poll(&items, Int32(items.count), milliseconds ?? -1) >= 0 { return true }
    for index in items.indices { items[index].revents = 0 }
    return zmq_errno() == EINTR
  }

  /// Whether there is something to read, by position: the sockets first, then the descriptors.
  func isReady(_ index: Int) -> Bool {
    items[index].revents & Int16(ZMQ_POLLIN) != 0
  }
}
