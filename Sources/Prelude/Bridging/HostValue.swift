import Display
import Interpreter

/// A Swift value type that the language holds as an object: a task, a table, a plot.
protocol HostValue: SendableMetatype {
  var hostTypeName: String { get }
  var hostBundle: MIMEBundle { get }
  var hostSummary: String { get }
  func hostSubscript(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value?
  func hostIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)?
  func hostMember(_ name: String) -> Value?
  var hostMemberNames: [String] { get }
  /// What a debugger shows below the value.
  var hostParts: [Inspection.Part] { get }
}

extension HostValue {
  var hostBundle: MIMEBundle { MIMEBundle(plain: hostSummary) }
  var hostSummary: String { hostTypeName }
  func hostSubscript(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? { nil }
  func hostIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? { nil }
  func hostMember(_ name: String) -> Value? { nil }
  var hostMemberNames: [String] { [] }
  var hostParts: [Inspection.Part] { [] }
  /// This value as the language sees it.
  var hosted: Value { .object(Box(self)) }
}

/// The object around a ``HostValue``.
final class Box<Wrapped: HostValue>: HostObject {
  let value: Wrapped

  init(_ value: Wrapped) { self.value = value }

  var typeName: String { value.hostTypeName }
  var mimeBundle: MIMEBundle { value.hostBundle }
  var summary: String { value.hostSummary }
  var inspection: Inspection { Inspection(value.hostSummary, value.hostParts) }
  var dynamicMemberNames: [String] { value.hostMemberNames }
  func member(_ name: String, _ evaluation: Evaluation) throws -> Value? { value.hostMember(name) }
  func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    try value.hostSubscript(arguments, evaluation)
  }
  func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    try value.hostIterator(evaluation)
  }
}

extension TypeBuilder {
  /// A property of a boxed value.
  func property<Wrapped: HostValue>(
    of _: Wrapped.Type, _ name: String, aliases: [String] = [], _ type: TypeReference,
    _ documentation: Documentation, get: @escaping @Sendable (Wrapped) throws -> Value
  ) {
    property(name, aliases: aliases, type, documentation) { (box: Box<Wrapped>, _) in try get(box.value) }
  }
}

extension Arguments {
  func boxed<Wrapped: HostValue>(_ name: String, as _: Wrapped.Type = Wrapped.self) throws -> Wrapped {
    try object(name, as: Box<Wrapped>.self).value
  }
  func boxedReceiver<Wrapped: HostValue>(as _: Wrapped.Type = Wrapped.self) throws -> Wrapped {
    try receiver(as: Box<Wrapped>.self).value
  }
}
