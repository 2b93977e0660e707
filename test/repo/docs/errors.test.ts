import { existsSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { filesBelow, publishablePackages, root, textOf } from '../../lib/workspace.ts'
import { codedErrorsOf } from './coded-errors.ts'
import { tableRows } from './markdown.ts'

const page = 'docs/errors.md'

const declared = publishablePackages().flatMap(({ folder, manifest }) => {
  return filesBelow(`${folder}/src`, '.ts').flatMap(file => codedErrorsOf(textOf(file), file, manifest.name))
})

t.test('codes are declared once, in errors.ts, and say which house they belong to', async t => {
  t.not(declared.length, 0, 'errors were found')
  for (const { code, at } of declared) {
    t.match(code, /^MCP_[A-Z0-9_]+$/, at)
    t.match(at, /\/src\/errors\.ts:\d+$/, `${code} stands in errors.ts`)
  }
  const codes = declared.map(({ code }) => code)
  t.strictSame(codes.filter((code, index) => codes.indexOf(code) !== index), [], 'no code is declared twice')
})

t.test(`${page} lists every code with package, status and meaning, and no other`, async t => {
  t.ok(existsSync(path.join(root, page)), `${page} exists`)
  if (!existsSync(path.join(root, page))) return
  const rows = tableRows(textOf(page), ['code', 'package', 'status', 'meaning'])
  const documented = rows.map(row => `${row.code} ${row.package} ${row.status}`).sort()
  t.strictSame(documented, declared.map(error => `${error.code} ${error.package} ${error.status}`).sort())
  t.strictSame(rows.filter(row => (row.meaning ?? '').length < 10).map(row => row.code), [], 'each has a meaning')
})

t.test('a planted error is seen, whatever its form', async t => {
  const seen = (text: string) => codedErrorsOf(text, 'errors.ts', '@mcp/x').map(({ code, status }) => [code, status])
  t.strictSame(seen("export const A = createError('MCP_A', 'a')"), [['MCP_A', 500]])
  t.strictSame(seen("export const A: X = createError<[string]>('MCP_A', 'a %s', 404, TypeError)"), [['MCP_A', 404]])
  t.throws(() => seen('createError(code, "a")'), /errors\.ts:1: the code must be a literal/)
  t.throws(() => seen('createError("MCP_A", "a", status)'), /errors\.ts:1: the status must be a literal/)
})
