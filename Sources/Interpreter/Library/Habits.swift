extension StandardLibrary {
  /// What people bring from Python, with the line to write here. The Prelude adds PyTorch's.
  static func registerHabits(in builder: RegistryBuilder) {
    let names: [(String, String, String)] = [
      ("len", "`len(x)` is Python", "write `x.count`"),
      ("range", "`range(n)` is Python", "write `0..<n`"),
      ("str", "`str(x)` is Python", "write `String(x)`"),
      ("int", "`int(x)` is Python", "write `Int(x)`"),
      ("float", "`float(x)` is Python", "write `Double(x)`"),
      ("enumerate", "`enumerate(xs)` is Python", "write `xs.enumerated()`"),
      ("isinstance", "`isinstance` is Python", "compare `type(of: x)`"),
      ("True", "`True` is Python", "write `true`"), ("False", "`False` is Python", "write `false`"),
      ("None", "`None` is Python", "write `nil`"), ("null", "there is no `null`", "write `nil`"),
      ("and", "`and` is Python", "write `&&`"), ("or", "`or` is Python", "write `||`"),
      ("not", "`not` is Python", "write `!`"),
      ("def", "`def` is Python", "write `func name(_ x: Tensor) { … }`"),
      ("lambda", "`lambda` is Python", "write `{ x in … }`"),
      ("elif", "`elif` is Python", "write `} else if … {`"),
    ]
    for (name, message, hint) in names { builder.habit(.name, name, message: message, hint: hint) }
    let members: [(String, String, String)] = [
      ("cuda", "there is no device to choose", "leave `.cuda()` out"),
      ("cpu", "there is no device to choose", "leave `.cpu()` out"),
      ("length", "there is no `length`", "write `.count`"),
      ("items", "there is no `items()`", "write `for (key, value) in dictionary { … }`"),
      ("mean", "there is no `mean()` here", "write `stack(tensors).mean()`, or `Tensor(numbers).mean()`"),
      ("sum", "there is no `sum()` here", "write `stack(tensors).sum(axis: 0)`, or `Tensor(numbers).sum()`"),
      ("std", "there is no `std()` here", "write `Tensor(numbers).std()`"),
      (
        "state_dict", "there is no `state_dict()`",
        "write `model.parameters`, or `model.save(\"m.safetensors\")`"
      ),
      ("load_state_dict", "there is no `load_state_dict()`", "write `model.load(\"m.safetensors\")`"),
    ]
    for (name, message, hint) in members { builder.habit(.member, name, message: message, hint: hint) }
  }
}
