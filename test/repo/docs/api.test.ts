/** The reference is made from the types; nothing in it may lead nowhere. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { publishablePackages } from '../../lib/workspace.ts'
import { writeApi } from './api.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'mcp-api-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test('the reference of every package is written without a warning', async t => {
  t.strictSame(await writeApi(folder), [])
  t.ok(existsSync(path.join(folder, 'README.md')))
  const index = readFileSync(path.join(folder, 'README.md'), 'utf8')
  for (const { manifest } of publishablePackages()) t.match(index, `[${manifest.name}](`, manifest.name)
})
