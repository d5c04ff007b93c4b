/// Whether a dotted name fits a pattern in which `*` stands for any characters and `?` for one.
package func matches(_ name: String, pattern: String) -> Bool {
  let name = Array(name.utf8)
  let pattern = Array(pattern.utf8)
  var (n, p) = (0, 0)
  // Where the last star was, and how much of the name it has taken so far.
  var retry: (p: Int, n: Int)?
  while n < name.count {
    if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
      retry = (p, n)
      p += 1
    } else if p < pattern.count, pattern[p] == name[n] || pattern[p] == UInt8(ascii: "?") {
      n += 1
      p += 1
    } else if let last = retry {
      retry = (last.p, last.n + 1)
      n = last.n + 1
      p = last.p + 1
    } else {
      return false
    }
  }
  return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
}
