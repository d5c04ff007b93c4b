import Display
import Interpreter
import JSONCoding

/// A widget with a value: set by the program or by the user, who are told of each other's changes.
final class Control: HostObject {
  let typeName: String
  let model: WidgetModel
  let label: String
  private let member: String
  private let read: (JSONValue) -> Value
  private let write: (Value) throws -> JSONValue
  private let allowed: String
  private var observers: [(Evaluation) throws -> Void] = []

  /// - Parameters:
  ///   - member: the member of the model's state that is the value.
  ///   - allowed: which values it takes, in words.
  ///   - write: throws for a value that it does not take.
  init(
    _ typeName: String, _ model: WidgetModel, label: String, member: String = "value", allowed: String,
    read: @escaping (JSONValue) -> Value, write: @escaping (Value) throws -> JSONValue
  ) {
    self.typeName = typeName
    self.model = model
    self.label = label
    self.member = member
    self.allowed = allowed
    self.read = read
    self.write = write
    guard model.id != nil else { return }
    // What is shown stays alive: the user may move a control that no variable holds.
    model.accept = { [self] key, value in
      key == self.member ? try? self.write(self.read(value)) : value
    }
    model.onChange = { [self] changed, evaluation in
      if changed.contains(self.member) { try tellObservers(evaluation) }
    }
  }

  var value: Value { read(model.state[member] ?? .null) }

  func setValue(_ new: Value, _ evaluation: Evaluation) throws {
    model.set([member: try write(new)], evaluation.output)
    try tellObservers(evaluation)
  }

  func observe(_ observer: @escaping (Evaluation) throws -> Void) { observers.append(observer) }

  private func tellObservers(_ evaluation: Evaluation) throws {
    for observer in observers { try observer(evaluation) }
  }

  var summary: String { "\(label.isEmpty ? typeName : label): \(value.description), \(allowed)" }
  var mimeBundle: MIMEBundle { model.bundle(plain: summary) }
}
