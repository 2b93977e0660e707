/** What `pnpm test` runs. Order and shares matter: jobs that take long come first, and those that mostly wait have small shares. */
import path from 'node:path'
import { root } from '../lib/workspace.ts'
import { check, conformance, folder, group, testFiles } from './jobs.ts'
import type { Job } from './job.ts'

const node = process.execPath
const bin = (name: string): string => path.join(root, 'node_modules/.bin', name)

/** Servers and browsers that tests start; where they cannot be installed, the tests that need them say so. */
const programs = check('programs', 'checks', node, ['--import', 'tsx', 'test/runner/programs.ts'], { share: 0.1 })
const compile = check('types and build', 'checks', node, ['node_modules/typescript-7/bin/tsc', '-b', '.', 'apps/console', 'test/e2e/console', 'test/e2e/browsers/page'], { share: 0.5 })
const console = check('console', 'checks', bin('turbo'), ['run', 'build', '--filter=@mcp/console'], { share: 0.4 })
const lint = check('lint', 'checks', bin('eslint'), ['.'], { share: 0.4 })
/** Dropped promises, found by types: one that rejects ends the process. The same rules in typescript-eslint take four times as long. */
const promises = check('promises', 'checks', bin('oxlint'), [
  '--type-aware', '--config', 'oxlint.json', 'packages', 'apps', '--ignore-pattern', '**/test/**', '--ignore-pattern', '**/dist/**'
], { share: 0.4 })
const built = { after: [compile.name, console.name, programs.name] }

/** Seeds are fixed, so that the run before a commit finds what the change did, not what chance did. */
const seeds = { MCP_CHAOS_SEED: '20251125', MCP_FAULT_SEED: '20251125', MCP_FUZZ_SEED: '20251125' }
const sizes = { MCP_CHAOS_KILLS: '3', MCP_FAULT_SCHEDULES: '60', MCP_FUZZ_REQUESTS: '6000' }
const env = { ...seeds, ...sizes }

/** The long run has these: they take long, and the others touch what they test. */
const onlyLong: readonly string[] = ['cut-off', 'drain', 'forgotten']

/** Nodes that die while clients work: each file waits for restarts and deadlines most of the time. */
const chaos = testFiles('resilience/chaos').filter(file => !onlyLong.includes(path.basename(file, '.test.ts'))).map(file => {
  return group(`resilience: chaos/${path.basename(file, '.test.ts')}`, 'resilience', [file], { share: 0.4, ...built, env })
})

/** Packages whose tests turbo has seen pass, with everything they import unchanged, are not run again. */
const packages: Job = {
  name: 'packages',
  part: 'packages',
  command: bin('turbo'),
  args: ['run', 'test', '--filter=!@mcp/tests', '--continue=always', '--log-order=grouped', '--output-logs=errors-only', '--concurrency=3'],
  share: 0.6,
  after: [programs.name]
}

export const jobs: readonly Job[] = [
  programs,
  compile,
  console,
  lint,
  promises,
  packages,
  ...chaos,
  folder('e2e', 'interop', { share: 0.3, ...built }),
  conformance('memory', { share: 0.3, ...built }),
  conformance('sqlite', { share: 0.2, ...built }),
  conformance('redis', { share: 0.2, ...built }),
  group('repo: packaging', 'repo', testFiles('repo/packaging'), { share: 0.4, ...built }),
  // The long run installs the packages in an empty folder, as a reader of the README does.
  folder('repo', 'docs', { share: 0.4, ...built }, ['empty-folder']),
  folder('e2e', 'auth', { share: 0.3, ...built }),
  folder('e2e', 'browsers', { share: 0.3, ...built }, ['firefox', 'webkit']),
  folder('e2e', 'console', { share: 0.3, ...built }, ['firefox']),
  folder('resilience', 'faults', { share: 0.4, ...built, env }),
  folder('resilience', 'fuzz', { share: 0.4, ...built, env }),
  folder('resilience', 'load', { share: 0.5, ...built, env }),
  folder('e2e', 'client', { share: 0.4, ...built }),
  folder('e2e', 'security', { share: 0.4, ...built }),
  folder('e2e', 'attacks', { share: 0.4, ...built }),
  folder('e2e', 'differential', { share: 0.4, ...built }),
  group('repo: imports, requirements, runner', 'repo', [...testFiles('repo/imports'), ...testFiles('conformance'), ...testFiles('runner')], { share: 0.4, ...built })
]
