import Display
import Interpreter
import JSONCoding

/// The state of something that a front end shows and the user may change, kept equal on both sides by ipywidgets'
/// protocol (comm target `jupyter.widget`, version 2). Without comms, as in a terminal, it is a state and nothing else.
final class WidgetModel {
  /// The comm's id; nil without comms.
  let id: String?
  private(set) var state: JSONValue
  /// What a member becomes when the front end sets it; nil leaves it as it is.
  var accept: (_ member: String, _ value: JSONValue) -> JSONValue? = { _, value in value }
  /// Told which members the user has changed.
  var onChange: ((_ changed: [String], Evaluation) throws -> Void)?
  /// Told of events: a click.
  var onEvent: ((_ content: JSONValue, Evaluation) throws -> Void)?

  static let target = "jupyter.widget"
  static let version: JSONValue = ["version": "2.1.0"]

  /// Which library of the front end draws it.
  enum Library: String {
    case base = "@jupyter-widgets/base"
    case controls = "@jupyter-widgets/controls"
    case output = "@jupyter-widgets/output"

    var version: String { self == .output ? "1.0.0" : "2.0.0" }
  }

  /// - Parameters:
  ///   - name: the model's class without `Model`: `FloatSlider`.
  ///   - view: the view's class without `View`, when it is another.
  ///   - style: the style's class without `Model`.
  init(
    _ name: String, _ library: Library, view: String? = nil, style: String? = nil,
    _ own: JSONValue,
    _ evaluation: Evaluation
  ) {
    let drawing = view == "Style" ? .base : library
    var state: JSONValue = [
      "_model_module": .string(library.rawValue), "_model_module_version": .string(library.version),
      "_model_name": .string(name + "Model"), "_view_module": .string(drawing.rawValue),
      "_view_module_version": .string(drawing.version), "_view_name": .string((view ?? name) + "View"),
    ]
    for (key, value) in own.object ?? [:] { state[key] = value }
    if drawing != .base {
      state["_dom_classes"] = []
      state["layout"] = WidgetModel("Layout", .base, [:], evaluation).reference
      if let style {
        state["style"] = WidgetModel(style, .controls, view: "Style", [:], evaluation).reference
      }
    }
    self.state = state
    id = evaluation.output.openComm(
      Self.target, data: ["state": state, "buffer_paths": []], metadata: Self.version)
    guard let id else { return }
    WidgetBoard.of(evaluation).add(self, id: id)
    evaluation.comms.listen(to: id) { [self] data, evaluation in try receive(data, evaluation) }
  }

  /// How another model's state names this one.
  var reference: JSONValue { id.map { .string("IPY_MODEL_\($0)") } ?? .null }

  /// The view, to be shown.
  func bundle(plain: String) -> MIMEBundle {
    var bundle = MIMEBundle(plain: plain)
    if let id {
      bundle[MIMEType.widget] = .json(["version_major": 2, "version_minor": 0, "model_id": .string(id)])
    }
    return bundle
  }

  /// Changes members from the program's side.
  func set(_ members: JSONValue, _ output: any OutputSink) {
    for (key, value) in members.object ?? [:] { state[key] = value }
    send("update", members, output)
  }

  private func send(_ method: String, _ members: JSONValue, _ output: any OutputSink) {
    guard let id else { return }
    output.sendComm(id, ["method": .string(method), "state": members, "buffer_paths": []])
  }

  private func receive(_ data: JSONValue, _ evaluation: Evaluation) throws {
    switch data["method"]?.string {
    case "update":
      var changes = JSONValue.emptyObject
      for (key, value) in data["state"]?.object ?? [:] where state[key] != nil {
        changes[key] = accept(key, value)
      }
      for (key, value) in changes.object ?? [:] { state[key] = value }
      // Other views of the model hear of it, and the one that sent it knows that it arrived.
      send("echo_update", changes, evaluation.output)
      try onChange?(Array((changes.object ?? [:]).keys), evaluation)
    case "request_state": send("update", state, evaluation.output)
    case "custom": try onEvent?(data["content"] ?? .null, evaluation)
    default: break
    }
  }
}

/// The models of a session, which a front end that connects again asks for.
final class WidgetBoard {
  private var models: [(id: String, model: WidgetModel)] = []

  static func of(_ evaluation: Evaluation) -> WidgetBoard {
    evaluation.state(WidgetBoard.self) {
      let board = WidgetBoard()
      evaluation.comms.accept("jupyter.widget.control") { id, _, _ in
        { data, evaluation in
          guard data["method"]?.string == "request_states" else { return }
          evaluation.output.sendComm(
            id, ["method": "update_states", "states": board.states, "buffer_paths": []])
        }
      }
      return board
    }
  }

  func add(_ model: WidgetModel, id: String) { models.append((id, model)) }

  private var states: JSONValue {
    var all = JSONValue.emptyObject
    for (id, model) in models {
      all[id] = [
        "model_name": model.state["_model_name"] ?? .null,
        "model_module": model.state["_model_module"] ?? .null,
        "model_module_version": model.state["_model_module_version"] ?? .null, "state": model.state,
      ]
    }
    return all
  }
}
