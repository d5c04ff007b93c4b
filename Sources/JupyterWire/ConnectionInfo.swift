import JSONCoding

/// What a connection file tells a kernel: where to listen, and the keys.
public struct ConnectionInfo: Hashable, Sendable {
  public enum Transport: String, Hashable, Sendable {
    case tcp
    case ipc
  }

  /// The five sockets of a kernel.
  public enum Channel: String, CaseIterable, Hashable, Sendable {
    case shell
    case iopub
    case stdin
    case control
    case heartbeat = "hb"
  }

  /// CurveZMQ keys of the kernel, 40 characters of Z85 each.
  public struct CurveKeys: Hashable, Sendable {
    public var publicKey: String
    public var secretKey: String
  }

  public var transport: Transport
  /// An address, or for `ipc` the beginning of a path.
  public var ip: String
  public var ports: [Channel: Int]
  /// The key that signs messages; empty for no signatures.
  public var key: [UInt8]
  public var curve: CurveKeys?

  public init(
    transport: Transport, ip: String, ports: [Channel: Int], key: [UInt8] = [], curve: CurveKeys? = nil
  ) {
    self.transport = transport
    self.ip = ip
    self.ports = ports
    self.key = key
    self.curve = curve
  }

  /// The ZeroMQ address of a socket: `tcp://ip:port`, or `ipc://path-number`.
  public func address(_ channel: Channel) -> String {
    let separator = transport == .ipc ? "-" : ":"
    return "\(transport.rawValue)://\(ip)\(separator)\(ports[channel] ?? 0)"
  }
}

extension ConnectionInfo {
  /// Reads a connection file.
  public init(file path: String) throws(ConnectionFileError) {
    let bytes: [UInt8]
    do { bytes = try readFile(path, limit: 1 << 20) } catch {
      throw ConnectionFileError(path: path, problem: .unreadable(error.reason))
    }
    do throws(ConnectionFileError.Problem) { try self.init(json: bytes) } catch {
      throw ConnectionFileError(path: path, problem: error)
    }
  }

  /// Reads the text of a connection file.
  package init(json bytes: [UInt8]) throws(ConnectionFileError.Problem) {
    let json: JSONValue
    do { json = try JSONValue(parsing: bytes) } catch { throw .malformed(error) }
    guard json.object != nil else { throw .notAnObject }
    let transportName = json["transport"]?.string ?? Transport.tcp.rawValue
    guard let transport = Transport(rawValue: transportName) else { throw .unknownTransport(transportName) }
    guard let ip = json["ip"]?.string, !ip.isEmpty else { throw .missing("ip") }
    var ports: [Channel: Int] = [:]
    for channel in Channel.allCases {
      let name = "\(channel.rawValue)_port"
      guard let port = json[name] else { throw .missing(name) }
      guard let number = port.int, (1...65_535).contains(number) else { throw .port(name, port.serialized()) }
      ports[channel] = number
    }
    guard Set(ports.values).count == ports.count else { throw .repeatedPort }
    guard let key = (json["key"] ?? "").string else { throw .missing("key") }
    let scheme = json["signature_scheme"]?.string ?? "hmac-sha256"
    guard key.isEmpty || scheme == "hmac-sha256" else { throw .unknownScheme(scheme) }
    self.init(
      transport: transport, ip: ip, ports: ports, key: Array(key.utf8), curve: try ConnectionInfo.curve(json))
  }

  private static func curve(_ json: JSONValue) throws(ConnectionFileError.Problem) -> CurveKeys? {
    func key(_ name: String) throws(ConnectionFileError.Problem) -> String? {
      guard let value = json[name], !value.isNull else { return nil }
      guard let text = value.string, text.utf8.count == 40 else { throw .curveKey(name) }
      return text
    }
    let publicKey = try key("curve_publickey")
    let secretKey = try key("curve_secretkey")
    switch (publicKey, secretKey) {
    case (nil, nil): return nil
    case (let publicKey?, let secretKey?): return CurveKeys(publicKey: publicKey, secretKey: secretKey)
    case (nil, _): throw .missing("curve_publickey")
    case (_, nil): throw .missing("curve_secretkey")
    }
  }
}
