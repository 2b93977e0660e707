import ts from 'typescript'

/** One module specifier of a source file. */
export interface Import {
  /** As written; null for a dynamic import whose specifier is computed. */
  specifier: string | null
  line: number
}

/** Every module a source file names: import, export … from, import(), import types, `declare module`. */
export function importsOf (text: string): Import[] {
  const source = parse(text)
  const found: Import[] = []
  visit(source, node => {
    const specifier = specifierOf(node)
    if (specifier === undefined) return
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
    found.push({ specifier: specifier !== null && ts.isStringLiteralLike(specifier) ? specifier.text : null, line: line + 1 })
  })
  return found
}

/** Uses of globals that only Node.js has, as `name:line`. */
export function nodeGlobalsOf (text: string): string[] {
  const source = parse(text)
  const found: string[] = []
  visit(source, node => {
    if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return
    const name = node.expression.text
    if (name !== 'Buffer' && name !== 'process') return
    found.push(`${name}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`)
  })
  return found
}

function specifierOf (node: ts.Node): ts.Expression | null | undefined {
  if (ts.isImportDeclaration(node)) return node.moduleSpecifier
  if (ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isModuleDeclaration(node)) return ts.isStringLiteral(node.name) ? node.name : undefined
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? asExpression(node.argument.literal) : null
  if (ts.isExternalModuleReference(node)) return node.expression
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0] ?? null
  return undefined
}

function asExpression (literal: ts.LiteralTypeNode['literal']): ts.Expression | null {
  return ts.isStringLiteral(literal) ? literal : null
}

function parse (text: string): ts.SourceFile {
  return ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true)
}

function visit (node: ts.Node, look: (node: ts.Node) => void): void {
  look(node)
  ts.forEachChild(node, child => visit(child, look))
}
