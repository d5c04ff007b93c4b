import OrderedCollections

extension Audit {
  /// One set by itself.
  mutating func lookAt(_ seen: SeenTasks) {
    looked.append(seen.phrase)
    if let first = seen.overlaps.first {
      add(
        .sharedSamples,
        "a sample is in the train (support) and in the test (query) set of \(seen.overlaps.count) of \(seen.taskCount) tasks of \(seen.name): in task \(first.task) support sample \(first.support) is query sample \(first.query)",
        hint: "draw the two sets of a task from different samples", of: seen.tasks)
    }
    let twice = seen.places.values.filter { $0.count > 1 }
    // The first in the order of the data.
    if let example = twice.min(by: { ($0[0].label, $0[0].sample) < ($1[0].label, $1[0].sample) }) {
      let isMixed = twice.contains { Set($0.map(\.label)).count > 1 }
      add(
        .duplicateSamples,
        "\(seen.name) has \(twice.count) sample\(twice.count == 1 ? "" : "s") more than once: sample \(example[0].sample) of class \(example[0].label) is sample \(example[1].sample) of class \(example[1].label)",
        hint: isMixed
          ? "a sample of two classes can be in both sets of a task under two labels; leave repetitions out"
          : "a task may adapt to one of them and be measured on the other; leave repetitions out",
        of: seen.tasks)
    }
  }

  /// Two sets that should have nothing in common.
  mutating func compare(_ first: SeenTasks, _ second: SeenTasks) {
    let names = "\(first.name) and \(second.name)"
    let other = (object: first.tasks as AnyObject, name: first.name)
    if first.tasks === second.tasks {
      add(
        .sharedTasks, "\(names) are one and the same task set",
        hint: "give \(second.name) another split or seed",
        of: second.tasks)
      return
    }
    let classes = sharedClasses(first, second)
    if let classes {
      let seeds =
        first.tasks.seed != second.tasks.seed && first.tasks.parts != nil && second.tasks.parts != nil
      add(
        .sharedClasses, "\(names) share \(classes)",
        hint: seeds
          ? "which classes are in a split depends on the seed: give both the same seed, not \(first.tasks.seed) and \(second.tasks.seed)"
          : "split the classes: metaSplit: .train and metaSplit: .test of the same data and seed",
        of: second.tasks, other: other)
    }
    let equal = zip(first.supports, second.supports).count { $0 == $1 }
    let alike = zip(first.attributes, second.attributes).count { !$0.isEmpty && $0 == $1 }
    let compared = min(first.taskCount, second.taskCount)
    // Of shared classes some tasks are equal by chance.
    if max(equal, alike) > (classes == nil ? 0 : max(0, compared - 1)) {
      let what = equal > 0 ? "tasks" : "tasks behind their samples"
      let cause =
        // A closure may make the same of any seed.
        type(of: first.tasks) == type(of: second.tasks) && type(of: first.tasks) != Tasks.self
          && first.tasks.seed == second.tasks.seed
        ? ": the seed \(first.tasks.seed) made both" : ""
      add(
        cause.isEmpty ? .sharedTasks : .repeatedSeed,
        "\(names) have the same \(what), \(max(equal, alike)) of the first \(compared)\(cause)",
        hint: "give \(second.name) another split or another seed", of: second.tasks,
        other: other)
    } else if classes == nil {
      let common = Set(first.supports).intersection(second.supports).count
      let shared = first.samples.intersection(second.samples).count
      guard shared > 0 else { return }
      add(
        .sharedTasks,
        common > 0
          ? "\(names) have \(common) tasks in common, in another order"
          : "\(names) have \(shared) sample\(shared == 1 ? "" : "s") in common in the tasks looked at",
        hint: "make the tasks of \(second.name) of samples that \(first.name) does not have",
        of: second.tasks,
        other: other)
    }
  }

  /// The classes that two sets share, in words: by their labels where both are parts of one data set, and by samples that
  /// both have otherwise. nil for none.
  private func sharedClasses(_ first: SeenTasks, _ second: SeenTasks) -> String? {
    guard let one = first.tasks as? ClassTasks, let two = second.tasks as? ClassTasks else { return nil }
    func words(_ labels: [Int], of all: Int) -> String {
      let shown = labels.prefix(5).map(String.init).joined(separator: ", ") + (labels.count > 5 ? ", …" : "")
      return "\(labels.count) of \(all) classes: \(shown)"
    }
    if one.dataset.isPart(ofSameDataAs: two.dataset) {
      let shared = Set(one.classes).intersection(two.classes).sorted()
      return shared.isEmpty ? nil : words(shared, of: two.classes.count)
    }
    var labels: Set<Int> = []
    for (digest, places) in second.places where first.places[digest] != nil {
      labels.formUnion(places.map(\.label))
    }
    return labels.isEmpty
      ? nil : words(labels.sorted(), of: two.classes.count) + ", by samples that both have"
  }
}
