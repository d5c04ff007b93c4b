import ArrayCore
import Autograd
import Foundation
import NN
import TestSupport
import Testing

/// A folder of its own for one test.
private func withFolder<R>(_ body: (String) throws -> R) throws -> R {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("safetensors-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path)
}

/// The bytes of a file with this header.
private func file(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> Data {
  var bytes = Data()
  withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { bytes.append(contentsOf: $0) }
  bytes.append(contentsOf: header.utf8)
  bytes.append(contentsOf: data)
  return bytes
}

@Suite("Safetensors")
struct SafetensorsTests {
  @Test("tensors and metadata come back as they were")
  func roundTrip() throws {
    try withFolder { folder throws in
      let path = folder + "/x.safetensors"
      let tensors: NamedTensors = [
        "b \"quoted\" é": try Tensor([1.5, -2, .infinity], shape: [3], dtype: .float32),
        "a": try Tensor([1e-300, 2], shape: [1, 2], dtype: .float64),
        "labels": try Tensor([Int.max, Int.min], shape: [2]), "empty": try Tensor.zeros([0, 4]),
        "scalar": try Tensor(7),
      ]
      try saveTensors(tensors, path, metadata: ["format": "pt", "note": "line\nbreak"])
      let (found, metadata) = try loadTensorsWithMetadata(path)
      #expect(metadata == ["format": "pt", "note": "line\nbreak"])
      #expect(Set(found.keys) == Set(tensors.keys))
      for (name, tensor) in tensors {
        let other = try #require(found[name])
        #expect(other.shape == tensor.shape && other.dtype == tensor.dtype)
        #expect(try other.toDoubles() == tensor.toDoubles())
      }
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(bytes[0] % 8 == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.safetensors"])
    }
  }

  @Test(
    "files that lie are refused with their name",
    arguments: [
      ("short", Data([1, 2, 3])), ("huge header", file("{}", length: 1 << 60)),
      ("header past the end", file("{}", length: 10)),
      ("no JSON", file("hello {")), ("goes on", file("{}{}")),
      ("data without tensors", file("{}", data: [1])),
      (
        "size and shape",
        file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, data: [0, 0, 0, 0])
      ),
      ("past the end", file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, data: [0, 0, 0, 0])),
      (
        "overflow",
        file(#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}"#)
      ),
      ("hole", file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, data: [0, 0])),
      (
        "overlap",
        file(
          #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
          data: [0, 0, 0])
      ),
      (
        "twice",
        file(
          #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
          data: [0, 0])
      ),
      ("negative", file(#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, data: [0])),
      (
        "big number",
        file(#"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}"#, data: [0])
      ),
      ("unknown type", file(#"{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}"#, data: [0])),
      (
        "many axes",
        file(#"{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}"#, data: [0])
      ),
      ("bad escape", file(#"{"\uD800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: [0])),
      ("cut string", file(#"{"abc"#)), ("metadata", file(#"{"__metadata__":{"a":1}}"#)),
    ])
  func hostile(name: String, bytes: Data) throws {
    try withFolder { folder throws in
      let path = folder + "/hostile.safetensors"
      try bytes.write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: NNError.self) { try loadTensors(path) }
      #expect(error?.description.hasPrefix(path) ?? false)
    }
  }

  @Test("a missing file, a folder and a pipe are refused")
  func notFiles() throws {
    try withFolder { folder throws in
      #expect(throws: NNError.self) { try loadTensors(folder + "/none") }
      #expect(throws: NNError.self) { try loadTensors(folder) }
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      #expect(throws: NNError.self) { try loadTensors(pipe) }
      #expect(throws: NNError.self) { try saveTensors([:], folder + "/no/such/folder") }
    }
  }

  @Test("half precision and small integers are converted")
  func conversion() throws {
    try withFolder { folder throws in
      let path = folder + "/x.safetensors"
      let header =
        #"{"b":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"i":{"dtype":"I8","shape":[2],"data_offsets":[4,6]}}"#
      try file(header, data: [0x00, 0x3E, 0xC0, 0x3F, 0xFF, 0x02]).write(to: URL(fileURLWithPath: path))
      let found = try loadTensors(path)
      #expect(try found["h"]?.toDoubles() == [1.5])
      #expect(try found["b"]?.toDoubles() == [1.5])
      #expect(try found["i"]?.toInts() == [-1, 2])
    }
  }

  @Test("a model loads what it saved; strict loading names what does not fit and changes nothing")
  func models() throws {
    try withFolder { folder throws in
      let path = folder + "/model.safetensors"
      let model = try MetaMLPModel(2, 1, hiddenSizes: [3], seed: 1)
      try model.save(path: path)
      let other = try MetaMLPModel(2, 1, hiddenSizes: [3], seed: 2)
      try other.load(path: path)
      #expect(
        try other.classifier.weight.tensor.toDoubles() == model.classifier.weight.tensor.toDoubles())
      var tensors = model.stateDictionary()
      tensors["extra"] = try Tensor(1)
      tensors["classifier.bias"] = nil
      let error = #expect(throws: NNError.self) { try other.load(tensors) }
      #expect(error?.description.contains("missing \"classifier.bias\"; unexpected \"extra\"") ?? false)
      let report = try other.load(tensors, strict: false)
      #expect(report.missing == ["classifier.bias"] && report.unexpected == ["extra"])
      tensors["classifier.weight"] = try Tensor.zeros([2, 2])
      let before = try other.classifier.weight.tensor.toDoubles()
      #expect(throws: NNError.self) { try other.load(tensors, strict: false) }
      #expect(try other.classifier.weight.tensor.toDoubles() == before)
    }
  }
}
