/// Positions of nodes by identifier: an open-addressing table.
///
/// Identifiers of one graph are nearly consecutive, so their low bits serve as the hash. The table is
/// local to one traversal; graphs carry no marks and may be differentiated on several threads.
struct NodeTable {
  private var keys: [UInt64]
  private var positions: [Int32]
  private var mask: UInt64
  private(set) var nodes: [Node] = []

  init() {
    keys = Array(repeating: 0, count: 256)
    positions = Array(repeating: 0, count: 256)
    mask = 255
  }

  /// The position of `node`, entering it when new.
  mutating func enter(_ node: Node) -> (position: Int, isNew: Bool) {
    var slot = node.id & mask
    while keys[Int(slot)] != 0 {
      if keys[Int(slot)] == node.id { return (Int(positions[Int(slot)]), false) }
      slot = (slot + 1) & mask
    }
    let position = nodes.count
    nodes.append(node)
    keys[Int(slot)] = node.id
    positions[Int(slot)] = Int32(truncatingIfNeeded: position)
    if nodes.count * 2 > keys.count { grow() }
    return (position, true)
  }

  /// The position of `node`, nil when it was never entered.
  func position(of node: Node) -> Int? {
    var slot = node.id & mask
    while keys[Int(slot)] != 0 {
      if keys[Int(slot)] == node.id { return Int(positions[Int(slot)]) }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private mutating func grow() {
    let size = keys.count * 2
    keys = Array(repeating: 0, count: size)
    positions = Array(repeating: 0, count: size)
    mask = UInt64(size - 1)
    for (position, node) in nodes.enumerated() {
      var slot = node.id & mask
      while keys[Int(slot)] != 0 { slot = (slot + 1) & mask }
      keys[Int(slot)] = node.id
      positions[Int(slot)] = Int32(truncatingIfNeeded: position)
    }
  }
}
