import Diagnostics
import Display
import Foundation
import Interpreter
import JSONCoding

extension Control {
  /// A number within a range: whole where both bounds are, on a logarithmic scale with `log`.
  static func slider(
    _ range: RangeValue, value: Double?, step: Double?, label: String, log: Bool, _ evaluation: Evaluation
  ) throws -> Control {
    guard let lower = range.lower?.double, let upper = range.upper?.double, lower < upper,
      (upper - lower).isFinite
    else {
      throw Diagnostic(
        id: "invalid-argument", message: "a slider needs a range with two bounds, the first below the second",
        hints: ["slider(0.001...0.5)"])
    }
    let allowed = "in \(Value.range(range).description)"
    if log, lower <= 0 {
      throw Diagnostic(
        id: "invalid-argument", message: "a logarithmic slider begins above 0, not at \(lower)")
    }
    if let step, !(step > 0) {
      throw Diagnostic(id: "invalid-argument", message: "the step of a slider is above 0, not \(step)")
    }
    if let step, step > upper - lower, !log {
      throw Diagnostic(
        id: "invalid-argument", message: "the step \(step) is larger than the slider's range \(allowed)")
    }
    // Whole numbers where all that is given is whole and a double, as the front end counts, holds it exactly.
    let isWhole =
      !log && range.integers != nil && [step, value].allSatisfy { $0.map { $0 == $0.rounded() } ?? true }
      && max(abs(lower), abs(upper)) <= 0x1p53
    let bounds = lower...(isWhole && !range.isClosed ? upper - 1 : upper)
    let middle = bounds.lowerBound + (bounds.upperBound - bounds.lowerBound) / 2
    let usual = log ? lower.squareRoot() * upper.squareRoot() : middle
    let start = value ?? (isWhole ? usual.rounded(.down) : usual)
    guard bounds.contains(start) else {
      throw Diagnostic(
        id: "invalid-argument",
        message: "the value \(start) lies outside the slider's range \(Value.range(range).description)")
    }
    var state: JSONValue = [
      "description": .string(label), "continuous_update": true, "readout": true, "orientation": "horizontal",
      "disabled": false, "value": isWhole ? .int(Int(start)) : .double(start),
    ]
    let name: String
    if log {
      name = "FloatLogSlider"
      for (key, number) in [
        ("base", 10), ("min", log10(lower)), ("max", log10(upper)), ("step", step ?? 0.05),
      ] {
        state[key] = .double(number)
      }
      state["readout_format"] = ".3g"
    } else if isWhole {
      name = "IntSlider"
      for (key, number) in [("min", bounds.lowerBound), ("max", bounds.upperBound), ("step", step ?? 1)] {
        state[key] = .int(Int(number))
      }
      state["readout_format"] = "d"
    } else {
      name = "FloatSlider"
      for (key, number) in [
        ("min", lower), ("max", upper), ("step", step ?? (upper - lower) / 100),
      ] {
        state[key] = .double(number)
      }
      state["readout_format"] = ".3g"
    }
    return Control(
      "Slider", WidgetModel(name, .controls, style: "SliderStyle", state, evaluation), label: label,
      allowed: allowed,
      read: { (isWhole ? $0.int.map(Value.int) : $0.double.map(Value.double)) ?? .null },
      write: { new in
        guard let number = new.numericValue, bounds.contains(number), !isWhole || number == number.rounded()
        else {
          throw Diagnostic(
            id: "invalid-argument",
            message: "the slider takes \(isWhole ? "whole " : "")numbers \(allowed), not \(new.description)")
        }
        return isWhole ? .int(Int(number)) : .double(number)
      })
  }

  /// One of several values.
  static func dropdown(
    _ options: [Value], value: Value?, label: String, _ evaluation: Evaluation
  ) throws -> Control {
    guard !options.isEmpty else {
      throw Diagnostic(id: "invalid-argument", message: "a drop-down needs one option at least")
    }
    let place = { (new: Value) throws -> Int in
      guard let index = options.firstIndex(where: { $0.isEqual(to: new) }) else {
        throw Diagnostic(
          id: "invalid-argument",
          message: "\(new.description) is none of the options \(Value.array(options).description)")
      }
      return index
    }
    let state: JSONValue = [
      "description": .string(label), "disabled": false, "index": .int(try value.map(place) ?? 0),
      "_options_labels": .array(options.map { .string($0.printed) }),
    ]
    return Control(
      "Dropdown", WidgetModel("Dropdown", .controls, style: "DescriptionStyle", state, evaluation),
      label: label,
      member: "index", allowed: "of \(Value.array(options).description)",
      read: { index in index.int.flatMap { options.indices.contains($0) ? options[$0] : nil } ?? .null },
      write: { .int(try place($0)) })
  }

  static func checkbox(_ isOn: Bool, label: String, _ evaluation: Evaluation) -> Control {
    let state: JSONValue = [
      "description": .string(label), "disabled": false, "indent": true, "value": .bool(isOn),
    ]
    return Control(
      "Checkbox", WidgetModel("Checkbox", .controls, style: "CheckboxStyle", state, evaluation), label: label,
      allowed: "true or false", read: { $0.bool.map(Value.bool) ?? .null },
      write: { new in
        guard let isOn = new.boolValue else {
          throw Diagnostic(
            id: "invalid-argument", message: "a checkbox is true or false, not \(new.description)")
        }
        return .bool(isOn)
      })
  }

  /// A bar that the program fills.
  static func progressBar(_ total: Double, label: String, _ evaluation: Evaluation) throws -> Control {
    guard total > 0, total.isFinite else {
      throw Diagnostic(
        id: "invalid-argument", message: "the total of a progress bar is above 0, not \(total)")
    }
    let state: JSONValue = [
      "description": .string(label), "orientation": "horizontal", "bar_style": "", "min": 0.0,
      "max": .double(total), "value": 0.0,
    ]
    return Control(
      "ProgressBar",
      WidgetModel("FloatProgress", .controls, view: "Progress", style: "ProgressStyle", state, evaluation),
      label: label, allowed: "of \(NumberText.compact(total))",
      read: { $0.double.map(Value.double) ?? .null },
      write: { new in
        guard let number = new.numericValue, (0...total).contains(number) else {
          throw Diagnostic(
            id: "invalid-argument",
            message: "the bar takes numbers from 0 to \(total), not \(new.description)")
        }
        return .double(number)
      })
  }
}

/// A button that runs a closure when it is pressed.
final class Button: HostObject {
  let typeName = "Button"
  let model: WidgetModel
  private let label: String
  private let action: (Evaluation) throws -> Void

  init(_ label: String, _ evaluation: Evaluation, _ action: @escaping (Evaluation) throws -> Void) {
    self.label = label
    self.action = action
    let state: JSONValue = [
      "description": .string(label), "disabled": false, "icon": "", "button_style": "", "tooltip": .null,
    ]
    model = WidgetModel("Button", .controls, style: "ButtonStyle", state, evaluation)
    model.onEvent = { content, evaluation in
      if content["event"]?.string == "click" { try action(evaluation) }
    }
  }

  /// As the user would.
  func press(_ evaluation: Evaluation) throws { try action(evaluation) }

  var summary: String { "Button \(label)" }
  var mimeBundle: MIMEBundle { model.bundle(plain: summary) }
}
