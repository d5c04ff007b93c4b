import Interpreter

/// Where in a program task sets, domains and modules were made, for those who must name the line that something comes from.
final class Origins {
  private struct Entry {
    weak var object: AnyObject?
    let site: CallSite
  }

  private var entries: [ObjectIdentifier: Entry] = [:]
  /// At so many entries, those of objects that are gone are dropped.
  private var limit = 256

  static func of(_ evaluation: Evaluation) -> Origins { evaluation.state(Origins.self) { Origins() } }

  /// Keeps the first place at which an object was given.
  func note(_ object: AnyObject, _ site: CallSite) {
    let id = ObjectIdentifier(object)
    guard entries[id]?.object !== object else { return }
    entries[id] = Entry(object: object, site: site)
    if entries.count > limit {
      entries = entries.filter { $0.value.object != nil }
      limit = max(256, 2 * entries.count)
    }
  }

  func site(of object: AnyObject) -> CallSite? {
    let entry = entries[ObjectIdentifier(object)]
    return entry?.object === object ? entry?.site : nil
  }
}
