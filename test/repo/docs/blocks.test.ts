/** Every block of code that a reader is shown is run, or checked in the way of its kind. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { nginxIsMissing } from '../../resilience/chaos/lib/programs.ts'
import { haveCurl } from '../../e2e/interop/lib/curl.ts'
import { redisIsMissing, startRedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { filesBelow, publishablePackages, root, textOf } from '../../lib/workspace.ts'
import { blocksOf } from './blocks.ts'
import { faultOf } from './inert.ts'
import { plantedErrors, plantedFaults, plantedPage } from './planted.ts'
import type { StepResult } from './run-stories.ts'
import { stage } from './stage.ts'
import { storyOf } from './story.ts'

/** Blocks that are not run, and why. One more is a decision, so it stands here too. */
const notRun = [
  'docs/guides/deploying.md: needs an account of AWS',
  'docs/guides/migrating.md: the registry of our tests does not offer @platformatic/mcp',
  'packages/client/README.md: needs a proxy',
  'packages/storage-redis/README.md: takes a Sentinel and a Cluster'
]

const readmes = publishablePackages().map(({ folder }) => `${folder}/README.md`).filter(page => existsSync(path.join(root, page)))
const pages = ['README.md', 'apps/reference-server/README.md', ...filesBelow('docs/guides', '.md'), ...readmes]
const stories = pages.map(page => storyOf(page, blocksOf(page, textOf(page))))

// On a machine that has not got them, and where they may not be installed, pages that need them are named and left out.
const needs: Array<{ needed: RegExp, reason: string | false }> = [
  { needed: /127\.0\.0\.1:6379/, reason: redisIsMissing() },
  { needed: /\bcurl /, reason: haveCurl() ? false : 'curl is missing: install it' }
]
const missing = needs.flatMap(({ needed, reason }) => reason === false ? [] : [{ needed, reason }])
const lacks = (story: typeof stories[number]) => missing.find(({ needed }) => story.steps.some(({ text }) => needed.test(text)))
const runnable = stories.filter(story => lacks(story) === undefined)
for (const story of stories) {
  const reason = lacks(story)?.reason
  if (reason !== undefined) t.test(story.page, { skip: process.env.CI === undefined ? reason : false }, async t => { t.fail(reason) })
}

const redis = redisIsMissing() === false ? await startRedisServer() : null
const planted = storyOf('planted.md', blocksOf('planted.md', plantedPage))
const set = await stage([...runnable, planted], new Map(redis === null ? [] : [[6379, redis.port]]))
t.teardown(async () => {
  await redis?.close()
  await set.remove()
})

t.test('programs compile, strictly', async t => {
  const errors = await set.compile()
  t.strictSame(errors.filter(line => !line.startsWith('planted.md')), [])
  t.match(errors.filter(line => line.startsWith('planted.md')), plantedErrors, 'a planted error is found')
})

t.test('programs and commands do what the pages say', async t => {
  const [plan, results] = ['plan.json', 'results.json'].map(name => path.join(set.folder, name)) as [string, string]
  writeFileSync(plan, JSON.stringify(set.stories))
  const runner = path.join(import.meta.dirname, 'run-stories.ts')
  const env = { ...process.env, NODE_OPTIONS: '', NODE_ENV: '' }
  await promisify(execFile)(process.execPath, ['--import', import.meta.resolve('tsx'), runner, plan, results], { env, maxBuffer: 64 * 1024 * 1024 })
  const steps: StepResult[] = JSON.parse(readFileSync(results, 'utf8'))
  const real = steps.filter(({ at }) => !at.startsWith('planted.md'))
  for (const { at, fault } of real) t.equal(fault, null, at)
  t.equal(real.length, runnable.flatMap(({ steps }) => steps).length, 'each of them')
  t.match(steps.slice(real.length), plantedFaults, 'planted faults are found')
})

t.test('configuration and data are well-formed', async t => {
  for (const story of stories) {
    for (const { check, block } of story.inert) {
      const skip = check === 'nginx' && process.env.CI === undefined ? nginxIsMissing() : false
      const name = `${block.page}:${block.line}: ${check}`
      if (skip === false) t.equal(faultOf(check, block, story), null, name)
      else t.pass(name, { skip })
    }
  }
})

t.test('every block is of one kind, and few are not run', async t => {
  const counts = new Map<string, number>()
  for (const [kind, count] of stories.flatMap(({ counts }) => [...counts])) counts.set(kind, (counts.get(kind) ?? 0) + count)
  for (const [kind, count] of [...counts].sort()) t.comment(`${count} ${kind}`)
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const fences = pages.flatMap(page => textOf(page).split('\n')).filter(line => /^\s*```/.test(line)).length
  t.equal(total, fences / 2, 'as many as there are fences')
  const run = [...counts].filter(([kind]) => /^(ts|js|sh|output)( continues| test)?(, unseen)?$/.test(kind)).reduce((sum, [, count]) => sum + count, 0)
  t.ok(run >= total * 0.75, `${run} of ${total} are run`)
  const spared = stories.flatMap(({ page, inert, steps }) => [
    ...inert.filter(({ check }) => check === 'quoted').map(({ block }) => `${page}: ${block.words.get('quoted')}`),
    ...steps.flatMap(step => step.kind === 'program' && step.how === 'types' ? [`${page}: ${step.why}`] : [])
  ])
  t.strictSame(spared, notRun)
})
