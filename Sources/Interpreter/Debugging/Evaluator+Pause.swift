import Diagnostics
import Display

extension Evaluator {
  /// Runs a text that sees a paused frame's variables; what it sets of them stays set.
  func evaluate(_ source: SourceText, at paused: PausedFrame, _ live: Frame) -> Outcome {
    let variables = paused.variables
    var locals: [LocalDeclaration] = []
    let prepared = prepare(source) { locals = $0.see(variables) }
    guard let program = prepared.program, !prepared.diagnostics.contains(where: { $0.severity == .error })
    else {
      return Outcome(value: nil, diagnostics: prepared.diagnostics, notes: [])
    }
    commit(program)
    return perform(output: evaluation.output, warnings: prepared.diagnostics) {
      var own: Frame?
      defer {
        if let own {
          for (variable, local) in zip(variables, locals) where variable.isMutable {
            if case .slot(let slot) = variable.place, let value = local.value(in: own) {
              live.slots[slot] = value
            }
          }
        }
      }
      let result = try runStatements(program) { frame in
        for (variable, local) in zip(variables, locals) { local.begin(as: variable, in: frame) }
        own = frame
      }
      return program.hidesResult ? nil : result
    }
  }
}

extension Lowerer {
  /// Makes variables visible to the text that is lowered next, and inside a method the names of `self`.
  func see(_ variables: [PausedFrame.Variable]) -> [LocalDeclaration] {
    if let definition = variables.first(where: { $0.name == "self" })?.value.structInstance?.definition {
      let structure = StructScope(definition)
      structure.instanceNames = Set(definition.memberNames)
      structure.methodNames = Set(definition.methods.keys)
      scope = FunctionScope(scope.code, parent: nil, structure: structure)
    }
    return variables.map { variable in
      let local = scope.declare(variable.name, isMutable: variable.isMutable)
      if case .shared = variable.place { local.moveToBox(in: scope.code) }
      if variable.name.hasPrefix("$"), let index = Int(variable.name.dropFirst()) {
        scope.takesImplicitParameters = true
        scope.implicit[index] = local
      }
      return local
    }
  }
}

extension LocalDeclaration {
  /// What closures share is the same variable in the text, so that each sees what the other sets.
  fileprivate func begin(as variable: PausedFrame.Variable, in frame: Frame) {
    if case .shared(let shared) = variable.place {
      frame.boxes[box] = shared
    } else if box >= 0 {
      frame.boxes[box] = Variable(
        name: name, value: variable.value, state: .defined, isMutable: isMutable)
    } else {
      frame.slots[slot] = variable.value
    }
  }
}
