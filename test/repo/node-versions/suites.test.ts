/** What `pnpm test` runs on the Node.js that is installed, a choice of it on the other versions that are supported. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import { nodeBinary } from '../../lib/node-binary.ts'
import { filesBelow, root } from '../../lib/workspace.ts'

/** What depends most on Node.js: sockets, streams, timers. `null` is every file. */
const chosen: Record<string, string[] | null> = {
  sse: null,
  session: null,
  'streamable-core': [
    'body', 'cancel', 'client-requests', 'fastify', 'hooks', 'http2', 'listen', 'modern-streams', 'pipelining', 'resume', 'shutdown', 'streams'
  ]
}

interface Outcome {
  code: number
  /** The last line of tap's report: how many assertions, and how many of them failed. */
  summary: string
  printed: string
}

for (const version of [22, 24] as const) {
  const node = nodeBinary(version)
  if (node === null) {
    const reason = `there is no Node.js ${version} for ${process.platform} ${process.arch}`
    t.test(`Node.js ${version}`, { skip: process.env.CI === undefined ? reason : false }, async t => { t.fail(reason) })
    continue
  }
  t.test(`Node.js ${version}`, async t => {
    t.match(await run(node, ['--version'], root), { code: 0, printed: new RegExp(`^v${version}\\.`) })
    const outcomes = await Promise.all([several(node, ['sse', 'session']), several(node, ['streamable-core'])])
    for (const { name, outcome } of outcomes.flat()) {
      t.equal(outcome.code, 0, `${name}: ${outcome.summary}`)
      t.match(outcome.summary, /pass: [1-9]/, `${name}: something was tested`)
      if (outcome.code !== 0) t.comment(outcome.printed.split('\n').filter(line => /^\s*not ok|^\s+[+-] /.test(line)).join('\n'))
    }
  })
}

/** One package after the other: there are two cores, and others have work too. */
async function several (node: string, names: readonly string[]): Promise<Array<{ name: string, outcome: Outcome }>> {
  const all = []
  for (const name of names) {
    const folder = `packages/${name}`
    const wanted = chosen[name] ?? null
    const files = filesBelow(`${folder}/test`, '.test.ts')
      .filter(file => wanted === null || wanted.some(one => file === `${folder}/test/${one}.test.ts`))
    if (wanted !== null && files.length !== wanted.length) throw new Error(`${folder}/test has not got all of: ${wanted.join(', ')}`)
    const script = path.join(import.meta.dirname, 'run-files.ts')
    const parameters = ['--conditions=mcp-source', '--import', import.meta.resolve('tsx'), script, ...files.map(file => path.join(root, file))]
    all.push({ name, outcome: await run(node, parameters, path.join(root, folder)) })
  }
  return all
}

function run (node: string, parameters: string[], cwd: string): Promise<Outcome> {
  return new Promise(resolve => {
    // Of this test's own tap nothing may reach them but a plain environment.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TAP|_TAPJS|NODE_OPTIONS)/.test(name)))
    execFile(node, parameters, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, summary: /^# (\{ total.*\})$/m.exec(stdout)?.[1] ?? 'no report', printed: stdout + stderr })
    })
  })
}
