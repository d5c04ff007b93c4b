internal import JSONCoding
internal import JupyterWire

extension ShellLoop {
  /// Serves a request that does not run code.
  func answer(_ message: IncomingMessage) {
    let type = message.header.type
    core.serve(message, on: socket) { (content, origin) throws(ContentError) in
      switch type {
      case KernelInfoReply.requestType: Answer(KernelInfoReply(info: core.host.info))
      case CompleteRequest.type: complete(try CompleteRequest(content: content))
      case InspectRequest.type: inspect(try InspectRequest(content: content))
      case IsCompleteRequest.type:
        Answer(
          IsCompleteReply(completeness: core.host.isComplete(try IsCompleteRequest(content: content).code)))
      case HistoryRequest.type: history(try HistoryRequest(content: content))
      case CommInfoReply.requestType: Answer(CommInfoReply(targets: []))
      case CommOpen.type: decline(try CommOpen(content: content), origin)
      case "comm_msg", CommClose.type: nil  // about a comm that is not open
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
    return Answer(InspectReply(found: bundle.map { ($0.wireData, $0.wireMetadata) }))
  }

  private func history(_ request: HistoryRequest) -> Answer {
    Answer(HistoryReply(entries: core.host.history(request.query), withOutput: request.withOutput))
  }

  /// Closes a comm to a target that does not exist.
  private func decline(_ open: CommOpen, _ origin: Origin) -> Answer? {
    core.logger.debug("no comm target \(open.target)")
    core.queue.publish(Publication(CommClose(id: open.id), for: origin))
    return nil
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
