import Diagnostics
import Glibc

/// The locals of one call under way.
final class Frame {
  let evaluation: Evaluation
  let code: FunctionCode
  /// Locals that no closure captures.
  let slots: UnsafeMutablePointer<Value>
  /// Locals that a closure captures; a fresh one each time the declaration runs.
  var boxes: [Variable?]
  let captures: [Variable]
  var result: Value = .void
  /// The `return` that has set it.
  var returned: Span?
  /// The label of the `break` or `continue` under way, when it has one.
  var label: String?
  /// Who called; it outlives this call.
  var caller: Unmanaged<Frame>?
  /// What it last began with; in functions only while somebody debugs.
  unowned(unsafe) var position: Node?

  init(_ code: FunctionCode, captures: [Variable], _ evaluation: Evaluation) {
    self.evaluation = evaluation
    self.code = code
    self.captures = captures
    slots = .allocate(capacity: max(1, code.slotCount))
    slots.initialize(repeating: .void, count: code.slotCount)
    boxes = code.boxCount == 0 ? [] : Array(repeating: nil, count: code.boxCount)
  }

  deinit {
    slots.deinitialize(count: code.slotCount)
    slots.deallocate()
  }

  /// A diagnostic of the running code at a place in it.
  func problem(_ id: String, _ message: String, at span: Span, hints: [String] = []) -> Diagnostic {
    Diagnostic(id: id, message: message, span: span, source: code.source, hints: hints)
  }
}

/// How a statement ended.
enum Flow {
  case normal
  case breaking
  case continuing
  case returning
}

/// How far the thread's stack may be used. Calls ask, so that deep recursion ends with a diagnostic.
struct StackLimit {
  private var lowest: UInt = 0
  /// What is left for the deepest expression and for host code.
  static let reserve: UInt = 8 << 20
  /// What is assumed of a thread that is no ``LargeStackThread``.
  private static let modestSize: UInt = 4 << 20

  static let maximumCalls = 2_000

  /// Finds the bounds of the current thread's stack.
  mutating func measure() {
    if let bounds = StackBounds.current {
      lowest = bounds.top > bounds.size ? bounds.top - bounds.size + min(Self.reserve, bounds.size / 2) : 0
    } else {
      let here = Self.position()
      lowest = here > Self.modestSize ? here - Self.modestSize : 0
    }
  }

  @inline(__always)
  static func position() -> UInt {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
  }

  @inline(__always)
  func isExhausted() -> Bool { Self.position() < lowest }
}

/// Where the stack of a ``LargeStackThread`` begins and how large it is, known to the thread itself.
final class StackBounds {
  let top: UInt
  let size: UInt

  private init(top: UInt, size: UInt) {
    self.top = top
    self.size = size
  }

  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    let created = pthread_key_create(&key) { pointer in
      if let pointer { Unmanaged<StackBounds>.fromOpaque(pointer).release() }
    }
    return created == 0 ? key : nil
  }()

  /// Called once at the start of a thread.
  static func record(size: Int) {
    guard let key else { return }
    let bounds = StackBounds(top: StackLimit.position(), size: UInt(size))
    pthread_setspecific(key, Unmanaged.passRetained(bounds).toOpaque())
  }

  static var current: StackBounds? {
    guard let key, let pointer = pthread_getspecific(key) else { return nil }
    return Unmanaged<StackBounds>.fromOpaque(pointer).takeUnretainedValue()
  }
}
