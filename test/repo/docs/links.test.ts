import { existsSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { filesBelow, publishablePackages, root, textOf } from '../../lib/workspace.ts'
import { brokenLinks, missingPaths, pages } from './pages.ts'

t.test('every package and the project have a README', async t => {
  const folders = ['.', 'apps/reference-server', 'bench', ...publishablePackages().map(({ folder }) => folder)]
  t.strictSame(folders.filter(folder => !existsSync(path.join(root, folder, 'README.md'))), [])
})

t.test('every relative link leads somewhere', async t => {
  t.strictSame(pages().flatMap(page => brokenLinks(page)), [])
})

t.test('every path a page names exists', async t => {
  t.strictSame(pages().flatMap(page => missingPaths(page)), [])
})

t.test('every variable of the reference server is in its README, and no other', async t => {
  const source = filesBelow('apps/reference-server/src', '.ts').map(textOf).join('\n')
  const read = [...source.matchAll(/^\s*([A-Z][A-Z0-9_]*): Type\./gm)].map(([, name]) => name)
  t.not(read.length, 0, 'variables were found in a TypeBox schema')
  const readme = 'apps/reference-server/README.md'
  t.ok(existsSync(path.join(root, readme)), `${readme} exists`)
  if (!existsSync(path.join(root, readme))) return
  const told = [...textOf(readme).matchAll(/`((?:MCP_[A-Z_]+|HOST|PORT|LOG_LEVEL))`/g)].map(([, name]) => name)
  t.strictSame([...new Set(told)].sort(), [...new Set(read)].sort())
})

t.test('a planted dead link and a planted path are seen, what is no path is not', async t => {
  const dead = '[a](nowhere.md) [b](https://example.com) [c](test/package.json)\n\n[d]: ../outside.md\n```\n[e](fenced.md)\n```\n# One `two`\n[f](#one-two) [g](#three)'
  t.strictSame(brokenLinks('README.md', dead), ['README.md:1: nowhere.md', 'README.md:8: #three', 'README.md:3: ../outside.md'])
  const paths = '`packages/nowhere/` `test/repo/docs` `tools/call` `text/event-stream` `plugin-nowhere.ts` `pages.ts` `packages/*/package.json` `a b.ts`'
  t.strictSame(missingPaths('README.md', paths), ['README.md:1: packages/nowhere/', 'README.md:1: plugin-nowhere.ts'])
})
