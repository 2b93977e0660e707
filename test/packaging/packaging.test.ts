import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { publishablePackages, root } from '../lib/workspace.ts'
import { consumerFolder } from './consumer-folder.ts'

const packages = publishablePackages()
const peers = packages.flatMap(({ folder, manifest }) => {
  return Object.keys(manifest.peerDependencies ?? {}).map(name => [name, versionIn(folder, name)])
})
const tools = ['typescript', '@types/node'].map(name => [name, versionIn('.', name)])
// Optional peers too: what they are for is imported here.
const consumer = await consumerFolder(packages, Object.fromEntries([...peers, ...tools]))
t.teardown(() => consumer.remove())

t.test('every entry of every package can be imported', async t => {
  const entries = packages.flatMap(({ folder, manifest }) => entriesOf(folder).map(entry => path.posix.join(manifest.name, entry)))
  t.ok(entries.length >= packages.length, 'entries were found')
  await consumer.write('import-all.js', entries.map(entry => `console.log(${JSON.stringify(entry)}, Object.keys(await import(${JSON.stringify(entry)})).length)`).join('\n'))
  const lines = (await consumer.run('node', 'import-all.js')).trim().split('\n')
  t.strictSame(lines.map(line => line.split(' ')[0]), entries)
  t.strictSame(lines.filter(line => line.endsWith(' 0')), [], 'each exports something')
})

for (const [moduleResolution, module] of [['nodenext', 'nodenext'], ['bundler', 'esnext']] as const) {
  t.test(`a consumer with moduleResolution ${moduleResolution} type-checks`, async t => {
    await consumer.write('serve.ts', readFileSync(path.join(import.meta.dirname, 'consumer/serve.ts'), 'utf8'))
    await consumer.write(`types-${moduleResolution}.ts`, packages.map(({ manifest }, index) => `export * as p${index} from '${manifest.name}'`).join('\n'))
    // Libraries are checked too: a declaration that does not resolve in a consumer's folder must show.
    await consumer.write(`tsconfig.${moduleResolution}.json`, JSON.stringify({
      compilerOptions: {
        target: 'es2023', module, moduleResolution, strict: true, skipLibCheck: false, types: ['node'], outDir: `out-${moduleResolution}`
      },
      files: ['serve.ts', `types-${moduleResolution}.ts`]
    }))
    await t.resolves(consumer.run('node', 'node_modules/typescript/bin/tsc', '-p', `tsconfig.${moduleResolution}.json`))
  })
}

t.test('a server made of the packed packages answers', async t => {
  const answer: unknown = JSON.parse(await consumer.run('node', 'out-nodenext/serve.js'))
  t.match(answer, { jsonrpc: '2.0', id: 1, result: { echo: 'hello' } })
})

/** Subpaths a package exports: `.`, `./suite`; not its package.json. */
function entriesOf (folder: string): string[] {
  const { exports }: { exports: Record<string, unknown> } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
  return Object.keys(exports).filter(entry => entry !== './package.json')
}

/** The version of a dependency that a folder of the workspace has installed. */
function versionIn (folder: string, name: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(path.join(root, folder, 'node_modules', name, 'package.json'), 'utf8'))
  return version
}
