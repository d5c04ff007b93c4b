import Diagnostics
import SwiftOperators
import SwiftSyntax

/// What Swift has and the subset lacks, named at its place with what to write instead.
extension Lowerer {
  func refuseDeclaration(_ declaration: DeclSyntax) {
    switch declaration.as(DeclSyntaxEnum.self) {
    case .classDecl(let node): refuse("`class`", at: node.classKeyword, use: "use a `struct`")
    case .actorDecl(let node): refuse("`actor`", at: node.actorKeyword, use: "use a `struct`")
    case .enumDecl(let node):
      refuse("`enum`", at: node.enumKeyword, use: "use strings, or a `struct` with `static let`s")
    case .protocolDecl(let node):
      refuse("`protocol`", at: node.protocolKeyword, use: "call the method on any value that has it")
    case .extensionDecl(let node):
      refuse(
        "`extension`", at: node.extensionKeyword, use: "put the members into the `struct`, or write a `func`")
    case .importDecl(let node):
      refuse("`import`", at: node.importKeyword, use: "everything is there already; delete the line")
    case .typeAliasDecl(let node):
      refuse("`typealias`", at: node.typealiasKeyword, use: "write the type itself")
    case .subscriptDecl(let node): refuse("`subscript`", at: node.subscriptKeyword, use: "write a method")
    case .deinitializerDecl(let node): refuse("`deinit`", at: node.deinitKeyword, use: "leave it out")
    case .initializerDecl(let node):
      refuse("`init` outside a struct", at: node.initKeyword, use: "write a `func`")
    case .operatorDecl(let node): refuse("`operator`", at: node.operatorKeyword, use: "write a `func`")
    case .precedenceGroupDecl(let node):
      refuse("`precedencegroup`", at: node.precedencegroupKeyword, use: "write a `func`")
    case .associatedTypeDecl(let node): refuse("`associatedtype`", at: node.associatedtypeKeyword)
    case .macroDecl(let node): refuse("`macro`", at: node.macroKeyword, use: "write a `func`")
    case .macroExpansionDecl(let node): refuseHash(node.pound, node)
    case .ifConfigDecl(let node): refuse("`#if`", at: node, use: "use `if`")
    default: refuse("this declaration", at: declaration)
    }
  }

  func refuseStatement(_ statement: StmtSyntax) {
    switch statement.as(StmtSyntaxEnum.self) {
    case .yieldStmt: refuse("`yield`", at: statement, use: "use `AnyIterator { … }`")
    case .discardStmt: refuse("`discard`", at: statement)
    default: refuse("this statement", at: statement)
    }
  }

  func refuseExpression(_ expression: ExprSyntax) {
    switch expression.as(ExprSyntaxEnum.self) {
    case .awaitExpr(let node):
      refuse("`await`", at: node.awaitKeyword, use: "leave it out, calls run to their end")
    case .keyPathExpr: refuse("a key path", at: expression, use: "write a closure such as `{ $0.name }`")
    case .macroExpansionExpr(let node): refuseHash(node.pound, node)
    case .asExpr(let node):
      refuse("`as`", at: node.asKeyword, use: "convert with `Int(…)`, `Double(…)` or `String(…)`")
    case .unresolvedAsExpr(let node):
      refuse("`as`", at: node.asKeyword, use: "convert with `Int(…)`, `Double(…)` or `String(…)`")
    case .isExpr(let node): refuse("`is`", at: node.isKeyword, use: "compare `type(of:)`")
    case .unresolvedIsExpr(let node): refuse("`is`", at: node.isKeyword, use: "compare `type(of:)`")
    case .inOutExpr: refuse("`&` (inout)", at: expression, use: "return the new value from the function")
    case .genericSpecializationExpr(let node):
      refuse("`<…>` (generics)", at: node.genericArgumentClause, use: "leave it out")
    case .regexLiteralExpr:
      refuse("a regular expression", at: expression, use: "use `contains`, `split` or `hasPrefix`")
    case .superExpr: refuse("`super`", at: expression, use: "structs have no superclass")
    case .typeExpr: refuse("a type here", at: expression, use: "write a value")
    case .arrowExpr: refuse("`->` here", at: expression, use: "write a closure")
    case .packElementExpr, .packExpansionExpr: refuse("a parameter pack", at: expression)
    case .copyExpr: refuse("`copy`", at: expression, use: "call `.copy()`")
    case .consumeExpr, .borrowExpr, .unsafeExpr: refuse("this keyword", at: expression, use: "leave it out")
    case .editorPlaceholderExpr: refuse("a placeholder", at: expression, use: "write a value")
    case .simpleStringLiteralExpr, .missingExpr:
      refuse("an empty place", at: expression, use: "write a value")
    default: refuse("this expression", at: expression)
    }
  }

  /// `# text` is a macro to Swift, and a comment to people who come from Python.
  private func refuseHash(_ pound: TokenSyntax, _ node: some SyntaxProtocol) {
    let at = span(node)
    let text = source[Span(start: at.start, end: at.start + 2)]
    if text == "# " || text == "#" {
      report(
        "python-comment", "`#` does not start a comment", at: span(pound), hints: ["write `//` for a comment"]
      )
    } else {
      report(
        "unsupported-syntax",
        "`\(source[at].prefix { !$0.isWhitespace && $0 != "(" })` (a macro) is not part of Innerloop",
        at: at, hints: ["a comment starts with `//`"])
    }
  }

  func report(_ error: OperatorError) {
    switch error {
    case .missingOperator(let name, let syntax):
      let at = span(syntax)
      report("unknown-operator", "`\(name)` is no operator", at: at, hints: operatorHints(name))
    case .incomparableOperators(let left, _, let right, _):
      let at = span(left).union(span(right))
      report(
        "operators-need-parentheses",
        "`\(left.trimmedDescription)` and `\(right.trimmedDescription)` cannot stand side by side", at: at,
        hints: ["add parentheses; for a < b < c, write `a < b && b < c`"])
    default:
      report("unknown-operator", "these operators cannot be combined", at: Span(at: offset))
    }
  }

  func operatorHints(_ symbol: String) -> [String] {
    switch symbol {
    case "**": return ["write `pow(a, b)`"]
    case "//": return ["write `a / b`: between Ints, it drops the fraction"]
    case "@": return ["write `matmul(a, b)`"]
    case "++": return ["write `+= 1`"]
    case "--": return ["write `-= 1`"]
    case "<>": return ["write `!=`"]
    case "&+", "&-", "&*": return ["write it without `&`"]
    case "~": return ["write `!` for Bools"]
    case "=>": return ["write `>=`, or `in` after a closure's parameters"]
    default: break
    }
    // `x*-1` and `0..<-1` are one operator to Swift.
    let known = ["..<", "...", "==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "<", ">", "="]
    for sign in ["-", "+", "!"] where symbol.hasSuffix(sign) {
      let rest = String(symbol.dropLast())
      if known.contains(rest) { return ["add spaces: `a \(rest) \(sign)b`"] }
    }
    return []
  }
}
