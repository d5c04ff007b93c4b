import Interpreter
import Prelude
import Testing

@Suite("the description of every builtin")
struct RegistryTests {
  /// Every builtin with the path it is called by: `mse`, `Tensor.sum`, `MAML`.
  private static let builtins: [(path: String, builtin: Builtin)] = {
    let registry = InnerloopLanguage.registry
    var all: [(String, Builtin)] = []
    for (name, global) in registry.globals {
      if case .function(let builtin) = global { all.append((name, builtin)) }
    }
    for (name, type) in registry.types {
      if let initializer = type.initializer { all.append((name, initializer)) }
      for case .method(let method) in type.members.values { all.append(("\(name).\(method.name)", method)) }
    }
    return all.sorted { $0.0 < $1.0 }
  }()

  /// What the language has without tensors, whose parameters are those of Swift's own library.
  private static let standard: Registry = {
    let builder = RegistryBuilder()
    StandardLibrary.register(in: builder)
    return builder.build()
  }()

  private static func isStandard(_ path: String) -> Bool {
    let name = path.prefix { $0 != "." }
    return standard.types[String(name)] != nil || standard.globals[String(name)] != nil
  }

  /// Names that examples speak of.
  private static let preamble = """
    let x = randn(4, 1, seed: 1); let y = randn(4, 1, seed: 2); let x2 = x; let y2 = y
    let xs = arange(4); let ys = arange(4); let a = x; let b = y; let w = Parameter(randn(1, 3))
    let model = ModelMLPSinusoid(seed: 1); let net = model; let fast = model.parameters
    let optimizer = Adam(lr: 0.001); let loss = mse(model(x), y); let g = gradient(of: loss, wrt: model)
    let task = Task(train: (x, y), test: (x, y)); let tasks = Sinusoid(shots: 4); let tests = tasks
    let batch = tasks.batch(2); let batches = tasks.batches(of: 2)
    let maml = MAML(model, optimizer: optimizer); let h = maml.history
    let labels = Tensor((0..<40).map { $0 % 5 }, dtype: .int64); let logits = randn(40, 5, seed: 3)
    let domains = Domains(["0": (x, y), "15": (x, y)]); let mldg = MLDG(model, optimizer: optimizer)
    let table = h.table; let history = h; let text = "text"; let name = "name"; let values = [1, 2, 3]
    let rate = slider(0.001...0.5); let area = outputArea(); let queries = x; let proto = PrototypicalNetworks(model); let matching = MatchingNetworks(model); let r2d2 = R2D2(model)
    """

  private static let examples: [(path: String, text: String)] = {
    let registry = InnerloopLanguage.registry
    var all: [(String, String)] = []
    func add(_ path: String, _ documentation: Documentation) {
      if let example = documentation.example, !all.contains(where: { $0.1 == example }) {
        all.append((path, example))
      }
    }
    for (path, builtin) in builtins {
      for signature in builtin.signatures { add(path, signature.documentation) }
    }
    for (name, type) in registry.types.sorted(by: { $0.key < $1.key }) {
      add(name, type.documentation)
      for (member, description) in type.members.sorted(by: { $0.key < $1.key }) {
        add("\(name).\(member)", description.documentation)
      }
    }
    for (name, hook) in registry.hooks.sorted(by: { $0.key < $1.key }) { add(name, hook.documentation) }
    return all
  }()

  @Test("every function, method and parameter says what it is")
  func summaries() {
    for (path, builtin) in Self.builtins {
      for signature in builtin.signatures {
        #expect(!signature.documentation.summary.isEmpty, "\(path) has no summary")
        for parameter in signature.parameters where !Self.isStandard(path) {
          #expect(!parameter.documentation.isEmpty, "\(path): `\(parameter.name)` has no description")
        }
      }
    }
  }

  @Test("every type, property and case says what it is")
  func types() {
    for (name, type) in InnerloopLanguage.registry.types {
      #expect(
        !type.documentation.summary.isEmpty
          || type.initializer?.signatures.first?.documentation.summary.isEmpty == false,
        "\(name) has no summary")
      for (member, description) in type.members.merging(
        type.staticMembers, uniquingKeysWith: { one, _ in one })
      {
        #expect(!description.documentation.summary.isEmpty, "\(name).\(member) has no summary")
      }
    }
  }

  @Test("every example passes the check before a run")
  func examplesAreWellFormed() {
    let run = LanguageRunner()
    #expect(run(Self.preamble).errors == [])
    for (path, text) in Self.examples where !Self.isStandard(path) {
      let problems = run.session.check(text, name: path)
      #expect(problems.isEmpty, "\(path): \(text): \(problems.map(\.message))")
    }
  }
}
