import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { publint } from 'publint'
import t from 'tap'
import { nodeBinary } from '../../lib/node-binary.ts'
import { publishablePackages, root } from '../../lib/workspace.ts'
import { consumerFolder, tarballOf } from './consumer-folder.ts'

const packages = publishablePackages()
const peers = packages.flatMap(({ folder, manifest }) => {
  return Object.keys(manifest.peerDependencies ?? {}).map(name => [name, versionIn(folder, name)])
})
const tools = ['@types/node'].map(name => [name, versionIn('.', name)])
// Optional peers too: what they are for is imported here.
const consumer = await consumerFolder(packages, Object.fromEntries([...peers, ...tools]))
t.teardown(() => consumer.remove())

t.test('every tarball has license, README and what was built, and no tests', async t => {
  for (const { manifest } of packages) {
    const files = (await consumer.run('tar', '-tzf', tarballOf(manifest))).trim().split('\n')
    const needed = ['package/LICENSE', 'package/README.md', 'package/package.json', 'package/dist/index.js', 'package/dist/index.d.ts']
    t.strictSame(needed.filter(file => !files.includes(file)), [], manifest.name)
    t.strictSame(files.filter(file => /(^|\/)(test|node_modules)\/|\.test\./.test(file)), [], `${manifest.name} has nothing else`)
  }
})

t.test('every tarball follows the rules of publint and of "are the types wrong"', async t => {
  for (const { manifest } of packages) {
    const tarball = consumer.path(tarballOf(manifest))
    const { messages } = await publint({ pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer }, strict: true })
    t.strictSame(messages, [], `publint: ${manifest.name}`)
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))))
    t.ok(analysis.types, `${manifest.name} has types`)
    t.strictSame('problems' in analysis ? analysis.problems.filter(concernsUs) : [], [], `types: ${manifest.name}`)
  }
})

/** Our packages are ES modules: what CommonJS and resolution without `exports` make of them does not count. */
function concernsUs (problem: Problem): boolean {
  return !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(problem.resolutionKind)
}

const entries = packages.flatMap(({ folder, manifest }) => entriesOf(folder).map(entry => path.posix.join(manifest.name, entry)))
await consumer.write('import-all.js', entries.map(entry => {
  return `console.log(${JSON.stringify(entry)}, Object.keys(await import(${JSON.stringify(entry)})).length)`
}).join('\n'))

t.test('a consumer type-checks, whatever resolves its modules', async t => {
  await consumer.write('serve.ts', readFileSync(path.join(import.meta.dirname, 'consumer/serve.ts'), 'utf8'))
  // The compiler that most people have, and the newest.
  const compilers = [['node16', 'node16', 'typescript'], ['bundler', 'esnext', 'typescript-7']] as const
  await Promise.all(compilers.map(async ([moduleResolution, module, compiler]) => {
    await consumer.write(`types-${moduleResolution}.ts`, packages.map(({ manifest }, index) => `export * as p${index} from '${manifest.name}'`).join('\n'))
    // Libraries are checked too: a declaration that does not resolve in a consumer's folder must show.
    await consumer.write(`tsconfig.${moduleResolution}.json`, JSON.stringify({
      compilerOptions: {
        target: 'es2023', module, moduleResolution, strict: true, skipLibCheck: false, types: ['node'], outDir: `out-${moduleResolution}`
      },
      files: ['serve.ts', `types-${moduleResolution}.ts`]
    }))
    const tsc = path.join(root, 'node_modules', compiler, 'bin/tsc')
    await t.resolves(consumer.run('node', tsc, '-p', `tsconfig.${moduleResolution}.json`), `${moduleResolution} with ${compiler}`)
  }))
})

for (const version of [null, 22, 24] as const) {
  const node = version === null ? process.execPath : nodeBinary(version)
  const name = `on Node.js ${version ?? process.versions.node}`
  if (node === null) {
    const reason = `there is none for ${process.platform} ${process.arch}`
    t.test(name, { skip: process.env.CI === undefined ? reason : false }, async t => { t.fail(reason) })
    continue
  }
  t.test(`${name} every entry of every package can be imported, and a server made of them answers`, async t => {
    t.ok(entries.length >= packages.length, 'entries were found')
    const lines = (await consumer.run(node, 'import-all.js')).trim().split('\n')
    t.strictSame(lines.map(line => line.split(' ')[0]), entries)
    t.strictSame(lines.filter(line => line.endsWith(' 0')), [], 'each exports something')
    const answer: unknown = JSON.parse(await consumer.run(node, 'out-node16/serve.js'))
    t.match(answer, { jsonrpc: '2.0', id: 1, result: { echo: 'hello' } })
  })
}

t.test('a CommonJS program type-checks against the SDK adapter, with servers of both SDK generations', async t => {
  await consumer.write('commonjs.cts', readFileSync(path.join(import.meta.dirname, 'consumer/commonjs.cts'), 'utf8'))
  await consumer.write('tsconfig.commonjs.json', JSON.stringify({
    compilerOptions: { target: 'es2023', module: 'nodenext', moduleResolution: 'nodenext', strict: true, types: ['node'], noEmit: true },
    files: ['commonjs.cts']
  }))
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  await t.resolves(consumer.run('node', tsc, '-p', 'tsconfig.commonjs.json'))
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
