import t from 'tap'
import { filesBelow, textOf, workspacePackages } from '../../lib/workspace.ts'
import { violations, type Arrows, type Room } from './violations.ts'

/**
 * Who may import whom. Read a row as "this package → those", by name without `@mcp/`; what is not in its row is forbidden.
 * No row names an app, the benchmarks or the tests: nobody imports those.
 */
const arrows: Arrows = {
  protocol: [],
  storage: ['protocol'],
  'storage-*': ['storage', 'protocol'],
  session: ['storage', 'protocol'],
  sse: ['storage', 'protocol'],
  'streamable-core': ['session', 'sse', 'storage', 'protocol'],
  'legacy-sse': ['streamable-core', 'session', 'sse', 'protocol'],
  'sdk-adapter': ['protocol'],
  auth: ['protocol'],
  security: ['protocol'],
  telemetry: ['protocol'],
  client: ['protocol']
}

/** Everything below the apps: what an app may import. */
const anything = Object.keys(arrows)

t.test('packages import only along the arrows', async t => {
  const rooms = workspacePackages().filter(({ folder }) => folder.startsWith('packages/')).map(roomOf)
  t.ok(rooms.length >= 6, 'the packages were found')
  t.strictSame(violations(rooms, arrows), [])
})

/** The server serves the console as it was built, and tells it what the console's contract says. */
const between: Readonly<Record<string, readonly string[]>> = { 'reference-server': ['console'] }

t.test('apps import packages; of each other only what is said here', async t => {
  const rooms = workspacePackages().filter(({ folder }) => folder.startsWith('apps/')).map(roomOf)
  t.ok(rooms.length >= 1, 'the apps were found')
  t.strictSame(violations(rooms, Object.fromEntries(rooms.map(({ name }) => [name, [...anything, ...between[name] ?? []]]))), [])
})

t.test('no package needs an app, the benchmarks or the tests, not even to develop', async t => {
  const all = workspacePackages()
  const top = all.filter(({ folder }) => !folder.startsWith('packages/')).map(({ manifest }) => manifest.name)
  for (const { folder, manifest } of all.filter(({ folder }) => folder.startsWith('packages/'))) {
    t.strictSame(Object.keys(manifest.devDependencies ?? {}).filter(name => top.includes(name)), [], folder)
  }
})

t.test('a planted violation is caught', async t => {
  const planted = (name: string, text: string, dependencies: string[] = []) => {
    const folder = `packages/${name}`
    const room: Room = { name, folder, dependencies, files: { [`${folder}/src/a/file.ts`]: text } }
    return violations([room], arrows)
  }
  const file = (name: string) => `packages/${name}/src/a/file.ts:1:`
  t.strictSame(planted('session', "import { x } from '@mcp/sse'", ['@mcp/sse']),
    ['packages/session/package.json: depends on @mcp/sse', `${file('session')} imports @mcp/sse`])
  t.strictSame(planted('sdk-adapter', "export type { X } from '@mcp/streamable-core'"), [`${file('sdk-adapter')} imports @mcp/streamable-core`])
  t.strictSame(planted('auth', "const x = await import('@mcp/security')"), [`${file('auth')} imports @mcp/security`])
  t.strictSame(planted('auth', "let x: import('@mcp/storage/deep').X"), [`${file('auth')} imports @mcp/storage/deep`])
  t.strictSame(planted('auth', 'const x = await import(name)'), [`${file('auth')} a computed import`])
  t.strictSame(planted('sse', "declare module '@mcp/session' {}"), [`${file('sse')} imports @mcp/session`])
  t.strictSame(planted('storage-redis', "import '@mcp/storage-sqlite'"), [`${file('storage-redis')} imports @mcp/storage-sqlite`])
  t.strictSame(planted('protocol', "import { Buffer } from 'node:buffer'"), [`${file('protocol')} node:buffer is a Node.js built-in`])
  t.strictSame(planted('protocol', "import fs from 'fs'"), [`${file('protocol')} fs is a Node.js built-in`])
  t.strictSame(planted('protocol', 'Buffer.from("")'), ['packages/protocol/src/a/file.ts: global of Node.js Buffer:1'])
  t.strictSame(planted('sse', "export * from '../../../storage/src/index.ts'"), [`${file('sse')} ../../../storage/src/index.ts leaves the package`])
  t.strictSame(planted('sse', "import Fastify from 'fastify'"), [`${file('sse')} fastify is not among the dependencies in package.json`])
  t.strictSame(planted('novel', ''), ['packages/novel: no arrow says what it may import'])
})

t.test('what follows the arrows passes, and words that only look like imports do too', async t => {
  const folder = 'packages/sse'
  const text = "import { a } from '@mcp/storage'\nimport '../b.ts'\nimport 'node:stream'\n// import '@mcp/session'\nconst s = \"import '@mcp/auth'\""
  const files = { [`${folder}/src/a/file.ts`]: text }
  t.strictSame(violations([{ name: 'sse', folder, dependencies: ['@mcp/storage'], files }], arrows), [])
})

function roomOf ({ folder, manifest }: ReturnType<typeof workspacePackages>[number]): Room {
  const files = ['src', 'test'].flatMap(part => ['.ts', '.tsx'].flatMap(ending => filesBelow(`${folder}/${part}`, ending)))
  return {
    name: manifest.name.replace('@mcp/', ''),
    folder,
    dependencies: [manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies].flatMap(set => Object.keys(set ?? {})),
    files: Object.fromEntries(files.map(file => [file, textOf(file)]))
  }
}
