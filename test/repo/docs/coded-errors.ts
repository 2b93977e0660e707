import ts from 'typescript'

/** One error as a package declares it. */
export interface CodedError {
  code: string
  package: string
  status: number
  /** Where it is declared: path and line. */
  at: string
}

/**
 * The `createError(code, message, status = 500)` calls of a source file.
 * @throws When a code or a status is not written out: nobody could look it up.
 */
export function codedErrorsOf (text: string, file: string, packageName: string): CodedError[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: CodedError[] = []
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'createError') {
      const at = `${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`
      const [code, , status] = node.arguments
      if (code === undefined || !ts.isStringLiteralLike(code)) throw new Error(`${at}: the code must be a literal`)
      if (status !== undefined && !ts.isNumericLiteral(status)) throw new Error(`${at}: the status must be a literal`)
      found.push({ code: code.text, package: packageName, status: status === undefined ? 500 : Number(status.text), at })
    }
    ts.forEachChild(node, look)
  }
  look(source)
  return found
}
