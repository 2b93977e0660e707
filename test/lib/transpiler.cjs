/**
 * How tests are turned into JavaScript (`ts-node` in tsconfig.base.json, by which tap loads TypeScript). Each test file runs in a process
 * of its own; the compiler's own way took two thirds of the processor's time of most of them. Types are checked by `pnpm typecheck`.
 */
'use strict'

const { transformSync } = require('oxc-transform')

exports.create = () => ({
  transpile (input, { fileName }) {
    const { code, map, errors } = transformSync(fileName, input, { sourcemap: true, typescript: { onlyRemoveTypeImports: true } })
    if (errors.length > 0) throw new SyntaxError(`${fileName}: ${errors.map(({ message }) => message).join('; ')}`)
    return { outputText: code, sourceMapText: JSON.stringify(map) }
  }
})
