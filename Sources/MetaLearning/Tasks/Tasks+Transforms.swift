import Autograd

extension Tasks {
  /// One of the sets of a task.
  public struct SetPlace: Sendable {
    /// The task's number.
    public let index: Int
    public let isTest: Bool
  }

  /// The same tasks with their samples changed as they are made: torchmeta's `transform` and `target_transform`, for the
  /// samples of a set at once. They are made on the thread that asks for them.
  ///
  /// - Parameters:
  ///   - inputs: gets the inputs of a set, and gives as many; nil leaves them.
  ///   - targets: the same for the targets.
  public func transformed(
    inputs: ((SetPlace, Tensor) throws -> Tensor)? = nil,
    targets: ((SetPlace, Tensor) throws -> Tensor)? = nil
  ) -> Tasks {
    let changed = Tasks(seed: seed, count: count) { index in
      func changed(_ samples: Samples, isTest: Bool) throws -> Samples {
        let place = SetPlace(index: index, isTest: isTest)
        return try Samples(
          inputs?(place, samples.inputs) ?? samples.inputs,
          targets?(place, samples.targets) ?? samples.targets)
      }
      let task = try self[index]
      return Task(
        train: try changed(task.train, isTest: false),
        test: try task.test.map { try changed($0, isTest: true) },
        attributes: task.attributes)
    }
    changed.parts = parts.map { parts in
      Parts(own: parts.own) { try parts.tasks($0).transformed(inputs: inputs, targets: targets) }
    }
    return changed
  }
}
