/** The workflows run what they should, with no more rights than they need, and nothing that may change under them. */
import t from 'tap'
import { parse } from 'yaml'
import { filesBelow, textOf } from '../../lib/workspace.ts'
import { longJobs } from '../../runner/plan-long.ts'
import { jobs as shortJobs } from '../../runner/plan.ts'

interface Step {
  uses?: string
  run?: string
  with?: Record<string, unknown>
  env?: Record<string, unknown>
}

interface Workflow {
  permissions?: unknown
  jobs: Record<string, { permissions?: Record<string, string>, strategy?: { matrix: { part: string[] } }, steps: Step[] }>
}

const files = filesBelow('.github/workflows', '.yml')
const workflow = (name: string): Workflow => parse(textOf(`.github/workflows/${name}.yml`))
const stepsOf = (name: string) => Object.values(workflow(name).jobs).flatMap(({ steps }) => steps)

t.test('actions are pinned by commit, with the version beside it', async t => {
  const uses = files.flatMap(file => textOf(file).split('\n').filter(line => /^\s*(- )?uses:/.test(line)))
  t.ok(uses.length >= 5, 'there are some')
  for (const line of uses) t.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
})

t.test('workflows may read; what one may do beyond that is said by its job', async t => {
  for (const file of files) t.strictSame(parse(textOf(file)).permissions, { contents: 'read' }, file)
})

t.test('continuous integration runs every part of both test commands, one job each', async t => {
  const { jobs } = workflow('ci')
  const parts = (long: boolean) => [...new Set((long ? longJobs : shortJobs).map(({ part }) => part))].sort()
  t.strictSame(jobs.test?.strategy?.matrix.part.toSorted(), parts(false))
  t.strictSame(jobs.long?.strategy?.matrix.part.toSorted(), parts(true).filter(part => part !== 'checks'))
  const runs = Object.values(jobs).flatMap(({ steps }) => steps).flatMap(({ run }) => run ?? [])
  t.match(runs, [/pnpm@12 test \$\{\{ matrix\.part \}\}$/, /pnpm@12 test:long \$\{\{ matrix\.part \}\}$/])
})

t.test('releases are made by changesets, with provenance', async t => {
  const [job] = Object.values(workflow('release').jobs)
  t.strictSame(job?.permissions, { contents: 'write', 'pull-requests': 'write', 'id-token': 'write' })
  const action = stepsOf('release').find(({ uses }) => uses?.startsWith('changesets/action@'))
  t.match(action, { with: { version: 'pnpm run version', publish: 'pnpm run release' }, env: { NPM_CONFIG_PROVENANCE: 'true' } })
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(textOf('package.json'))
  t.equal(scripts.version, 'changeset version')
  t.match(scripts.release, /build && changeset publish$/, 'what is published was built before')
})
