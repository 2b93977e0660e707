/** The first steps of the README, as a reader takes them: in an empty folder, on every version of Node.js that is supported. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { haveCurl } from '../../e2e/interop/lib/curl.ts'
import { nodeBinary } from '../../lib/node-binary.ts'
import { publishablePackages, textOf } from '../../lib/workspace.ts'
import { blocksOf } from './blocks.ts'
import { localRegistry } from './local-registry.ts'
import { isShown } from './printed.ts'
import { quietPort } from './quiet-port.ts'

const page = textOf('README.md')
const blocks = blocksOf('README.md', page.slice(page.indexOf('## Thirty seconds'), page.indexOf('## The reference server')))
const [install, ask] = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
const [program] = blocks.filter(({ words }) => words.has('file'))
const [shown] = blocks.filter(({ language }) => language === 'output').map(({ text }) => text)
if (install === undefined || ask === undefined || program === undefined || shown === undefined) throw new Error('README.md has lost its first steps')
const file = program.words.get('file') ?? ''

/** The commands that the text names, with the first version each is for. */
const commands: ReadonlyArray<readonly [number, string]> = [[20, `npx --yes tsx ${file}`], [22, `node ${file}`], [24, `node ${file}`]]
for (const [, command] of commands) t.ok(page.includes(`\`${command}\``), `the page says: ${command}`)

const registry = await localRegistry(publishablePackages())
const installed = await mkdtemp(path.join(tmpdir(), 'mcp-empty-'))
t.teardown(async () => {
  await registry.close()
  await rm(installed, { recursive: true, force: true })
})
// What npm answers is the same for all versions of Node.js, so it is asked once.
const npm = { ...plainEnvironment(), 'npm_config_@mcp:registry': registry.url, npm_config_audit: 'false', npm_config_prefer_offline: 'true' }
await promisify(execFile)('bash', ['-ec', install], { cwd: installed, env: npm, timeout: 240_000 })

for (const [version, command] of commands) {
  const node = version === 20 ? (process.version.startsWith('v20.') ? process.execPath : null) : nodeBinary(version as 22 | 24)
  const skip = node === null ? `there is no Node.js ${version} here` : !haveCurl() && 'curl is missing'
  t.test(`on Node.js ${version}: ${command}`, { skip }, async t => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mcp-empty-'))
    const bin = await mkdtemp(path.join(tmpdir(), 'mcp-bin-'))
    t.teardown(() => Promise.all([folder, bin].map(each => rm(each, { recursive: true, force: true }))))
    await cp(installed, folder, { recursive: true, verbatimSymlinks: true })
    t.strictSame((await readdir(folder)).sort(), ['node_modules', 'package-lock.json', 'package.json'], 'nothing but what npm made')
    const port = String(await quietPort())
    await writeFile(path.join(folder, file), program.text.replaceAll('3000', port))
    if (node !== null) await symlink(node, path.join(bin, 'node'))
    const env = { ...npm, PATH: `${bin}:${process.env.PATH}` }

    const server = spawn('bash', ['-c', `exec ${command}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    t.teardown(() => stop(server))
    let printed = ''
    for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { printed += text })
    while (server.exitCode === null && !await listens(Number(port))) await wait(50)
    t.equal(server.exitCode, null, `it runs; it printed: ${printed}`)
    const { stdout } = await promisify(execFile)('bash', ['-ec', ask.replaceAll('3000', port)], { cwd: folder, env, timeout: 60_000 })
    t.ok(isShown(stdout, shown), stdout)
    t.equal(printed, '', 'and prints no warning')
  })
}

/** Of this test's own tap and its conditions nothing may reach what readers run. */
function plainEnvironment (): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TAP|_TAPJS|NODE_OPTIONS|NODE_ENV|npm_package|npm_lifecycle)/.test(name)))
}

async function listens (port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** `npx` starts programs that start programs: the group ends as one. */
async function stop (server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.pid === undefined) return
  const closed = once(server, 'close')
  process.kill(-server.pid, 'SIGKILL')
  await closed
}
