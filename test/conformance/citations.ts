import ts from 'typescript'

const id = /\b[A-I]-\d{1,3}\b/g

/**
 * The requirement ids that a test file cites: in the names of its tests, and in strings that begin with an id, as rows of a table do.
 * Comments do not count: what is cited must show in the report of the run.
 */
export function citationsOf (text: string): string[] {
  const found = new Set<string>()
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression) && node.arguments[0] !== undefined) {
      for (const [cited] of textOf(node.arguments[0]).matchAll(id)) found.add(cited)
    }
    if ((ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) && node.text.search(id) === 0) {
      for (const [cited] of node.text.matchAll(id)) found.add(cited)
    }
    ts.forEachChild(node, look)
  }
  look(ts.createSourceFile('a.test.ts', text, ts.ScriptTarget.Latest, true))
  return [...found]
}

function isTest (callee: ts.Expression): boolean {
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee
  return ts.isIdentifier(name) && ['test', 'it', 'describe'].includes(name.text)
}

/** The fixed text of a name, also of a template or a sum. */
function textOf (name: ts.Expression): string {
  if (ts.isStringLiteralLike(name)) return name.text
  if (ts.isTemplateExpression(name)) return [name.head, ...name.templateSpans.map(span => span.literal)].map(part => part.text).join(' ')
  if (ts.isBinaryExpression(name)) return `${textOf(name.left)} ${textOf(name.right)}`
  return ''
}
