import JSONCoding
import JupyterWire
import Testing

@Suite("Signing and decoding")
struct WireTests {
  static let key = Array("a0436f6c-1916-498b-8eb9-e81ab9368e84".utf8)

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("signatures are HMAC-SHA256 (RFC 4231, cases 1, 2, 3 and 6), over frames one after another")
  func knownAnswers() {
    let cases: [([UInt8], [[UInt8]], String)] = [
      (
        Array(repeating: 0x0b, count: 20), [Array("Hi There".utf8)],
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), [Array("what do ya ".utf8), [], Array("want for nothing?".utf8)],
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        Array(repeating: 0xaa, count: 20), [Array(repeating: 0xdd, count: 50)],
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        Array(repeating: 0xaa, count: 131),
        [Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)],
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ]
    for (key, frames, signature) in cases {
      let signer = MessageSigner(key: key)
      #expect(text(signer.signature(frames)) == signature)
      #expect(signer.verifies(Array(signature.utf8), frames))
      #expect(!signer.verifies(Array(signature.dropLast().utf8) + [0x67], frames))
      #expect(!signer.verifies([], frames))
    }
  }

  private func encoded(_ encoder: MessageEncoder, buffers: [[UInt8]] = []) -> [[UInt8]] {
    encoder.frames(
      prefix: [Array("client".utf8)], header: encoder.header(type: "execute_request"), parent: [],
      content: Array(#"{"code":"1"}"#.utf8), buffers: buffers)
  }

  @Test("a message goes through, with its identities and buffers")
  func throughAndBack() throws {
    let encoder = MessageEncoder(key: WireTests.key)
    let message = try MessageDecoder(key: WireTests.key).decode(encoded(encoder, buffers: [[1, 2], []]))
    #expect(message.identities == [Array("client".utf8)])
    #expect(message.header.type == "execute_request" && message.header.session == encoder.session)
    #expect(message.header.version == JupyterProtocol.version)
    #expect(
      message.parentHeader == [:] && message.content == ["code": "1"] && message.buffers == [[1, 2], []])
  }

  @Test("every message has an identifier of its own")
  func identifiers() {
    let encoder = MessageEncoder(key: [])
    #expect(Set((0..<100).map { _ in encoder.header(type: "status").id }).count == 100)
  }

  @Test("checks go from the number of frames over the signature to the parts")
  func orderOfChecks() throws {
    let encoder = MessageEncoder(key: WireTests.key)
    let signer = MessageSigner(key: WireTests.key)
    let good = encoded(encoder)
    let delimiter = Array("<IDS|MSG>".utf8)
    func refusal(_ frames: [[UInt8]]) -> WireError? {
      do throws(WireError) {
        _ = try MessageDecoder(key: WireTests.key).decode(frames)
        return nil
      } catch { return error }
    }
    func signed(_ parts: [String]) -> [[UInt8]] {
      let parts = parts.map { Array($0.utf8) }
      return [delimiter, signer.signature(parts)] + parts
    }
    #expect(refusal([]) == .missingDelimiter)
    #expect(refusal([[], [1, 2, 3]]) == .missingDelimiter)
    #expect(refusal([delimiter]) == .tooFewFrames(0))
    #expect(refusal([delimiter, []]) == .tooFewFrames(1))
    #expect(refusal(Array(good.dropLast())) == .tooFewFrames(4))
    #expect(refusal([delimiter, [], [0xff], [], [], []]) == .signatureLength(0))
    #expect(refusal([delimiter, Array(repeating: 0x61, count: 64), [0xff], [], [], []]) == .wrongSignature)
    var changed = good
    changed[6] += [0x20]
    #expect(refusal(changed) == .wrongSignature)
    #expect(refusal(signed(["[]", "{}", "{}", "{}"])) == .notAnObject(part: "header"))
    #expect(refusal(signed(["{}", "{}", "{}", "{}"])) == .missingField("msg_id"))
    #expect(refusal(signed([#"{"msg_id":"1"}"#, "{}", "{}", "{}"])) == .missingField("msg_type"))
    #expect(
      refusal(signed(["", "{}", "{}", "{}"]))
        == .malformed(part: "header", JSONParsingError(problem: .unexpectedEnd, offset: 0)))
    #expect(refusal(good) == nil)
  }

  @Test("a message is obeyed once; forgetting the oldest keeps the memory bounded")
  func replay() throws {
    let encoder = MessageEncoder(key: WireTests.key)
    let decoder = MessageDecoder(key: WireTests.key, remembered: 2)
    let messages = (0..<3).map { _ in encoded(encoder) }
    for message in messages { _ = try decoder.decode(message) }
    for message in messages[1...] { #expect(throws: WireError.replayed) { try decoder.decode(message) } }
    _ = try decoder.decode(messages[0])
  }

  @Test("a forged message does not use up a signature")
  func forgeryIsNotRemembered() throws {
    let encoder = MessageEncoder(key: WireTests.key)
    let decoder = MessageDecoder(key: WireTests.key)
    let good = encoded(encoder)
    var forged = good
    forged[6] = Array("{}".utf8)
    #expect(throws: WireError.wrongSignature) { try decoder.decode(forged) }
    _ = try decoder.decode(good)
  }

  @Test("an empty key turns signing off")
  func unsigned() throws {
    let frames = encoded(MessageEncoder(key: []))
    #expect(frames[2].isEmpty)
    let decoder = MessageDecoder(key: [])
    for _ in 0..<2 { #expect(try decoder.decode(frames).content == ["code": "1"]) }
  }

  @Test("contents that are too large are verified but not read; large headers are refused")
  func large() throws {
    let encoder = MessageEncoder(key: WireTests.key)
    let decoder = MessageDecoder(key: WireTests.key)
    let content = Array(
      (#"{"code":""# + String(repeating: "x", count: MessageDecoder.contentLimit) + "\"}").utf8)
    let large = encoder.frames(
      prefix: [], header: encoder.header(type: "execute_request"), parent: [], content: content)
    #expect(try decoder.decode(large).content == nil)
    let parent = Array((#"{"a":""# + String(repeating: "x", count: MessageDecoder.headerLimit) + "\"}").utf8)
    let wide = encoder.frames(
      prefix: [], header: encoder.header(type: "x"), parent: parent, content: Array("{}".utf8))
    #expect(throws: WireError.self) { try decoder.decode(wide) }
  }

  @Test("no frames make the decoder trap")
  func fuzz() {
    var random = SplitMix(state: 4)
    let encoder = MessageEncoder(key: WireTests.key)
    let decoders = [MessageDecoder(key: WireTests.key), MessageDecoder(key: [])]
    for _ in 0..<5_000 {
      var frames = encoded(encoder)
      for _ in 0...random.below(3) {
        let index = random.below(frames.count)
        switch random.below(4) {
        case 0: frames.remove(at: index)
        case 1: frames.insert((0..<random.below(80)).map { _ in UInt8(random.below(256)) }, at: index)
        case 2: frames[index] = []
        default:
          if !frames[index].isEmpty {
            frames[index][random.below(frames[index].count)] ^= UInt8(1 + random.below(255))
          }
        }
        if frames.isEmpty { break }
      }
      for decoder in decoders { _ = try? decoder.decode(frames) }
      #expect((try? decoders[0].decode(frames)) == nil)
    }
  }

  @Test("dates are ISO 8601 in UTC with microseconds")
  func dates() {
    #expect(MessageDate.text(seconds: 0, microseconds: 7) == "1970-01-01T00:00:00.000007Z")
    #expect(MessageDate.text(seconds: 951_827_696, microseconds: 123_456) == "2000-02-29T12:34:56.123456Z")
    #expect(MessageDate.now().count == 27)
  }
}
