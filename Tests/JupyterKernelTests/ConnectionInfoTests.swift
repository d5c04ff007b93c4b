import JSONCoding
import JupyterWire
import Testing

@Suite("Connection files")
struct ConnectionInfoTests {
  static let good: JSONValue = [
    "transport": "tcp", "ip": "127.0.0.1", "key": "secret", "signature_scheme": "hmac-sha256",
    "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5, "kernel_name": "x",
  ]

  private func problem(_ change: (inout JSONValue) -> Void) -> ConnectionFileError.Problem? {
    var json = ConnectionInfoTests.good
    change(&json)
    do throws(ConnectionFileError.Problem) {
      _ = try ConnectionInfo(json: json.serializedBytes())
      return nil
    } catch { return error }
  }

  @Test("addresses follow the transport")
  func addresses() throws {
    var json = ConnectionInfoTests.good
    #expect(try ConnectionInfo(json: json.serializedBytes()).address(.heartbeat) == "tcp://127.0.0.1:5")
    json["transport"] = "ipc"
    json["ip"] = "/run/k"
    #expect(try ConnectionInfo(json: json.serializedBytes()).address(.shell) == "ipc:///run/k-1")
  }

  @Test("keys come as they are, and encryption needs both of its own")
  func keys() throws {
    let key = String(repeating: "k", count: 40)
    var json = ConnectionInfoTests.good
    #expect(try ConnectionInfo(json: json.serializedBytes()).key == Array("secret".utf8))
    json["curve_publickey"] = .string(key)
    json["curve_secretkey"] = .string(key)
    #expect(try ConnectionInfo(json: json.serializedBytes()).curve?.secretKey == key)
    #expect(problem { $0["curve_publickey"] = .string(key) } == .missing("curve_secretkey"))
    #expect(problem { $0["curve_secretkey"] = .string(key) } == .missing("curve_publickey"))
    #expect(problem { $0["curve_publickey"] = "short" } == .curveKey("curve_publickey"))
  }

  @Test("what is wrong is named")
  func problems() {
    #expect(problem { _ in } == nil)
    #expect(problem { $0 = [] } == .notAnObject)
    #expect(problem { $0["ip"] = nil } == .missing("ip"))
    #expect(problem { $0["hb_port"] = nil } == .missing("hb_port"))
    #expect(problem { $0["hb_port"] = 65_536 } == .port("hb_port", "65536"))
    #expect(problem { $0["hb_port"] = "5" } == .port("hb_port", "\"5\""))
    #expect(problem { $0["hb_port"] = 4 } == .repeatedPort)
    #expect(problem { $0["transport"] = "smoke" } == .unknownTransport("smoke"))
    #expect(problem { $0["signature_scheme"] = "hmac-md5" } == .unknownScheme("hmac-md5"))
    #expect(
      problem {
        $0["signature_scheme"] = "none"
        $0["key"] = ""
      } == nil)
  }

  @Test("an absent file is one sentence")
  func absent() {
    let error = #expect(throws: ConnectionFileError.self) { try ConnectionInfo(file: "/nonexistent/c.json") }
    #expect(
      error?.description
        == "the connection file /nonexistent/c.json cannot be used: No such file or directory")
  }
}
