/** What a release would do: versions and changelogs from changesets, in a copy of the workspace. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { publishablePackages, root, workspacePackages, type Manifest } from '../../lib/workspace.ts'

const execute = promisify(execFile)
const packages = publishablePackages()
const copy = mkdtempSync(path.join(tmpdir(), 'mcp-release-'))
t.teardown(() => rmSync(copy, { recursive: true, force: true }))

const kept = ['package.json', 'pnpm-workspace.yaml', '.changeset', ...workspacePackages().map(({ folder }) => `${folder}/package.json`)]
const nodes = readdirSync(path.join(root, 'test')).filter(name => name.startsWith('node-2')).map(name => `test/${name}/package.json`)
for (const file of [...kept, ...nodes]) {
  mkdirSync(path.dirname(path.join(copy, file)), { recursive: true })
  cpSync(path.join(root, file), path.join(copy, file), { recursive: true })
}
symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'))

const pending = changesets()
// So that there is one also right after a release.
const planted = 'A change that was made up for a test.'
writeFileSync(path.join(copy, '.changeset/made-up.md'), `---\n"@mcp/storage": patch\n---\n\n${planted}\n`)

const git = (...parameters: string[]) => execute('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...parameters], { cwd: copy })
await git('init', '--quiet', '--initial-branch=main')
writeFileSync(path.join(copy, '.gitignore'), 'node_modules\n')
await git('add', '.')
await git('commit', '--quiet', '--message=before')
await execute(process.execPath, [path.join(root, 'node_modules/@changesets/cli/bin.js'), 'version'], { cwd: copy })

t.test('what a changeset names gets a new version, and says so in its changelog', async t => {
  const named = new Set([...pending.flatMap(({ names }) => names), '@mcp/storage'])
  for (const { folder, manifest } of packages.filter(({ manifest }) => named.has(manifest.name))) {
    const { version } = manifestIn(folder)
    t.not(version, manifest.version, manifest.name)
    const changelog = readFileSync(path.join(copy, folder, 'CHANGELOG.md'), 'utf8')
    t.match(changelog, `# ${manifest.name}\n\n## ${version}\n`, `${manifest.name}: its changelog begins with ${version}`)
    for (const { text } of pending.filter(({ names }) => names.includes(manifest.name))) t.match(changelog, text, `${manifest.name} tells of it`)
  }
  t.match(readFileSync(path.join(copy, 'packages/storage/CHANGELOG.md'), 'utf8'), planted)
})

t.test('what imports a new version gets one too', async t => {
  const dependents = packages.filter(({ manifest }) => Object.keys(manifest.dependencies ?? {}).includes('@mcp/storage'))
  t.ok(dependents.length >= 4, 'there are some')
  for (const { folder, manifest } of dependents) t.not(manifestIn(folder).version, manifest.version, manifest.name)
  for (const { folder, manifest } of packages) {
    const ours = Object.entries(manifestIn(folder).dependencies ?? {}).filter(([name]) => name.startsWith('@mcp/'))
    t.strictSame(ours.filter(([, range]) => !range.startsWith('workspace:')), [], `${manifest.name}: versions of ours are written out when packed`)
  }
})

t.test('every package has been released, or a changeset names it', async t => {
  const named = new Set(pending.flatMap(({ names }) => names))
  t.strictSame(packages.filter(({ manifest }) => manifest.version === '0.0.0' && !named.has(manifest.name)).map(({ manifest }) => manifest.name), [])
})

t.test('nothing is left to release, and nothing private was given a version', async t => {
  t.strictSame(readdirSync(path.join(copy, '.changeset')), ['config.json'])
  for (const { folder, manifest } of workspacePackages().filter(({ manifest }) => manifest.private === true)) {
    t.equal(manifestIn(folder).version, manifest.version, folder)
    t.notOk(existsSync(path.join(copy, folder, 'CHANGELOG.md')), `${folder} has no changelog`)
  }
})

/** Changesets of the repository: which packages they name, and the first line of what they say. */
function changesets (): Array<{ names: string[], text: string }> {
  const folder = path.join(root, '.changeset')
  return readdirSync(folder).filter(file => file.endsWith('.md')).map(file => {
    const [, head = '', body = ''] = /^---\n(.*?)\n---\n+(.*)$/s.exec(readFileSync(path.join(folder, file), 'utf8')) ?? []
    return { names: [...head.matchAll(/^["']?(@mcp\/[\w-]+)/gm)].map(([, name = '']) => name), text: body.trim().split('\n')[0] ?? '' }
  })
}

function manifestIn (folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(copy, folder, 'package.json'), 'utf8'))
}
