import Testing

/// Rules for single files of Sources.
@Suite("source rules")
struct SourceRuleTests {
  static let longestFile = 400

  /// Longer files, each with the reason why it is one piece.
  static let longFiles: [String: String] = [:]

  /// Files that may end the program on purpose, each with the reason. Nothing a user can type,
  /// send or point at may get there.
  static let trappingFiles: [String: String] = [:]

  @Test("a file holds one idea and is short")
  func filesAreShort() throws {
    for path in RepositoryFiles.paths(in: "Sources", extensions: ["swift", "c", "h"]) {
      let count = try RepositoryFiles.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        .count
      if Self.longFiles[path] == nil {
        #expect(count <= Self.longestFile, "\(path) has \(count) lines: split it, or list it with a reason")
      } else {
        #expect(count > Self.longestFile, "\(path) has only \(count) lines: take it from the list")
      }
    }
  }

  @Test("nothing traps on purpose")
  func nothingTraps() throws {
    for path in RepositoryFiles.paths(in: "Sources", extensions: ["swift"]) {
      let code = SwiftCode(try RepositoryFiles.text(path))
      let lines = code.lineNumbers(matching: /\bfatalError\b|\btry!/)
      if Self.trappingFiles[path] == nil {
        #expect(lines == [], "\(path): fatalError or try! on these lines; throw an error instead")
      } else {
        #expect(lines != [], "\(path) does not trap any more: take it from the list")
      }
    }
  }

  @Test("the listed files exist")
  func listedFilesExist() {
    let paths = Set(RepositoryFiles.paths(in: "Sources", extensions: ["swift", "c", "h"]))
    #expect(Set(Self.longFiles.keys).union(Self.trappingFiles.keys).subtracting(paths).sorted() == [])
  }

  @Test("comments and strings are not taken for code, interpolations are")
  func onlyCodeIsSearched() {
    let code = SwiftCode(
      ##"""
      import struct Alpha.Inner  // import Beta
      /* fatalError() /* nested */ try! */ @testable import Gamma
      let text = "try! \(try! call("fatalError")) \" try!"
      let raw = #"a " try! \#(fatalError())"#
      let lines = """
        fatalError "quoted"
        """
      package final class Delta {}
      """##)
    #expect(code.imports.map(\.module) == ["Alpha", "Gamma"])
    #expect(code.declaredTypes.map(\.name) == ["Delta"])
    #expect(code.lineNumbers(matching: /\bfatalError\b|\btry!/) == [3, 4])
  }
}
