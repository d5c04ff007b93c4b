internal import Display
internal import JSONCoding
internal import JupyterWire

extension ShellRequests {
  /// Serves a request that does not run code.
  func answer(_ message: IncomingMessage) {
    let type = message.header.type
    core.serve(message, on: socket) { (content, origin) throws(ContentError) in
      switch type {
      case KernelInfoReply.requestType:
        Answer(KernelInfoReply(info: core.host.info, hasDebugger: core.host.debugger != nil))
      case CompleteRequest.type: complete(try CompleteRequest(content: content))
      case InspectRequest.type: inspect(try InspectRequest(content: content))
      case IsCompleteRequest.type:
        Answer(
          IsCompleteReply(completeness: core.host.isComplete(try IsCompleteRequest(content: content).code)))
      case HistoryRequest.type: history(try HistoryRequest(content: content))
      case CommInfoReply.requestType:
        Answer(CommInfoReply(targets: core.comms.list(target: content["target_name"]?.string)))
      case CommOpen.type: throw ContentError(field: "comm_id", expected: "a text")
      case CommMessage.type, CommClose.type: nil  // about a comm that is not open
      case ShutdownRequest.type: core.shutdown(try ShutdownRequest(content: content), origin)
      default: core.unknown(type)
      }
    }
  }

  private func complete(_ request: CompleteRequest) -> Answer {
    Answer(CompleteReply(completions: core.host.complete(request.code, at: request.cursor)))
  }

  private func inspect(_ request: InspectRequest) -> Answer {
    let bundle = core.host.inspect(request.code, at: request.cursor, detail: request.detail)
    return Answer(InspectReply(found: bundle.map { ($0.dataJSON, $0.metadataJSON) }))
  }

  private func history(_ request: HistoryRequest) -> Answer {
    Answer(HistoryReply(entries: core.host.history(request.query), withOutput: request.withOutput))
  }

  /// What a message tells of a comm; nil where it is no such news.
  func commEvent(_ message: IncomingMessage) -> CommEvent? {
    guard let content = message.content else { return nil }
    switch message.header.type {
    case CommOpen.type:
      return (try? CommOpen(content: content)).map { .opened(id: $0.id, target: $0.target, data: $0.data) }
    case CommMessage.type:
      guard let news = try? CommMessage(content: content), core.comms.isOpen(news.id) else { return nil }
      return .message(id: news.id, data: news.data)
    case CommClose.type:
      guard let end = try? CommClose(content: content), core.comms.isOpen(end.id) else { return nil }
      return .closed(id: end.id)
    default: return nil
    }
  }
}

extension KernelCore {
  /// Begins the end of the kernel, and tells all clients.
  func shutdown(_ request: ShutdownRequest, _ origin: Origin) -> Answer {
    let reply = ShutdownReply(restarts: request.restarts)
    queue.publish(Publication(reply, for: origin))
    return Answer(reply)
  }
}
