import ArrayCore

/// Makes numbered items ahead of their use, on a thread of its own while there is room for more, so that whoever uses
/// them need not wait.
///
/// The items are those that `make` gives when it is called for one number after the other, whatever the threads do; an
/// error comes out in the place of the item that it was met at. The thread ends when a few items lie ready, at an error,
/// at an interrupt and with the prefetcher. One thread may use it.
///
/// Items are made where they are asked for as long as that leaves no processor idle: those that take no time, and those
/// that keep the whole ``ThreadPool`` busy. A thread more would only take the time from the others.
final class Prefetcher<Item> {
  private let shelf: Shelf<Item>
  /// The number asked for last.
  private var last: Int?
  /// Whether the last items that were made where they were asked for left processors idle: three at most, since any one
  /// of them may have had to wait for another program.
  private var leftIdle: [Bool] = []

  /// - Parameters:
  ///   - end: no item of this number or a higher one is made ahead.
  ///   - bytes: what an item keeps in memory; more than ``Shelf/byteLimit`` together do not lie ready.
  ///   - make: gives the item of a number, nil behind the last; called on any thread, on one at a time for each number.
  init(
    until end: Int, bytes: @escaping @Sendable (Item) -> Int, make: @escaping @Sendable (Int) throws -> Item?
  ) {
    shelf = Shelf(end: end, bytes: bytes, make: make)
  }

  deinit { shelf.clear(next: 0) }

  /// The item of a number. Numbers that do not follow each other are allowed, but nothing is made ahead for them.
  func item(at index: Int) throws -> Item? {
    let follows = last.map { $0 < Int.max && index == $0 + 1 } ?? false
    last = index
    if !follows { shelf.clear(next: index) }
    let isWorthwhile = leftIdle.count > 1 && leftIdle.allSatisfy(\.self)
    while true {
      let taken = try shelf.take(index, startingWork: follows && isWorthwhile)
      let made: Shelf<Item>.Made
      if let taken {
        made = taken
      } else {
        let use = ProcessorUse()
        made = shelf.make(index)
        leftIdle = leftIdle.suffix(2) + [use.isLow]
      }
      switch made.result {
      case .success(let item): return item
      case .failure(let error):
        shelf.clear(next: index)
        // The thread met an interrupt that is over by now.
        if taken != nil, (error as? TensorError)?.kind == .cancelled, !Cancellation.isRequested { continue }
        throw error
      }
    }
  }
}
