import Diagnostics
import SwiftSyntax

extension Lowerer {
  /// A type annotation. Annotations only convert number literals and refuse what plainly contradicts them.
  func lowerType(_ type: TypeSyntax) -> TypeReference { reference(type) { self.refuse($0, at: $1, use: $2) } }

  /// Without reporting anything, for a first look.
  func quietType(_ type: TypeSyntax) -> TypeReference? { reference(type) { _, _, _ in } }

  private func reference(
    _ type: TypeSyntax, depth: Int = 0, _ refuse: (String, Syntax, String?) -> Void
  ) -> TypeReference {
    guard depth < 100 else { return .any }
    func inner(_ type: TypeSyntax) -> TypeReference { reference(type, depth: depth + 1, refuse) }
    switch type.as(TypeSyntaxEnum.self) {
    case .identifierType(let node): return named(node, depth: depth, refuse)
    case .arrayType(let node): return .array(inner(node.element))
    case .dictionaryType(let node): return .dictionary(inner(node.value))
    case .optionalType(let node): return .optional(inner(node.wrappedType))
    case .implicitlyUnwrappedOptionalType(let node): return .optional(inner(node.wrappedType))
    case .tupleType(let node):
      let elements = Array(node.elements)
      if elements.isEmpty { return .void }
      if elements.count == 1 { return inner(elements[0].type) }
      return .tuple(elements.map { inner($0.type) })
    case .functionType(let node): return .function(node.trimmedDescription)
    case .attributedType(let node):
      for specifier in node.specifiers {
        let text = specifier.trimmedDescription
        refuse(
          "`\(text)`", Syntax(specifier),
          text == "inout" ? "return the new value from the function" : "leave it out")
      }
      return inner(node.baseType)
    case .someOrAnyType(let node): return inner(node.constraint)
    case .memberType(let node): return .named(node.name.name)
    default:
      refuse("the type `\(type.trimmedDescription)`", Syntax(type), "leave the annotation out")
      return .any
    }
  }

  private func named(
    _ node: IdentifierTypeSyntax, depth: Int, _ refuse: (String, Syntax, String?) -> Void
  ) -> TypeReference {
    let name = node.name.name
    let arguments = (node.genericArgumentClause?.arguments).map(Array.init) ?? []
    func argument(_ index: Int) -> TypeReference {
      guard arguments.indices.contains(index) else { return .any }
      switch arguments[index].argument {
      case .type(let type): return reference(type, depth: depth + 1, refuse)
      default: return .any
      }
    }
    switch name {
    case "Int": return .int
    case "Double", "Float", "CGFloat": return .double
    case "Bool": return .bool
    case "String", "Character": return .string
    case "Void": return .void
    case "Any", "AnyObject": return .any
    case "Array": return .array(argument(0))
    case "Dictionary": return .dictionary(argument(1))
    case "Optional": return .optional(argument(0))
    case "Range", "ClosedRange": return .range
    default: return .named(name)
    }
  }
}
