import path from 'node:path'
import { filesBelow } from '../lib/workspace.ts'
import { reportFolder } from './counts.ts'
import type { Job } from './job.ts'

/** What both plans say of a job made here. */
type Settings = Pick<Job, 'share' | 'after' | 'env'>

const tsx = ['--conditions=mcp-source', '--import', 'tsx']

/** Test files below test/ that run in one process. @param files from test/ */
export function group (name: string, part: Job['part'], files: readonly string[], settings: Settings): Job {
  const report = path.posix.join(reportFolder.replaceAll(path.sep, '/'), `${name.replaceAll(/[^\w-]+/g, '-')}.tap`)
  return { name, part, folder: 'test', command: process.execPath, args: [...tsx, 'runner/group.ts', report, ...files], ...settings }
}

/** All test files of a folder below test/, those left out excepted, in one process. */
export function folder (part: Job['part'], name: string, settings: Settings, without: readonly string[] = []): Job {
  const files = testFiles(`${part}/${name}`).filter(file => !without.includes(path.basename(file, '.test.ts')))
  return group(`${part}: ${name}`, part, files, settings)
}

/** The test files of a folder below test/, from test/. */
export function testFiles (folder: string): string[] {
  return filesBelow(`test/${folder}`, '.test.ts').map(file => path.posix.relative('test', file))
}

/** The official suites against one target (see test/conformance/targets.ts). */
export function conformance (target: string, settings: Settings): Job {
  const summary = `.conformance/${target.replaceAll(' ', '-')}.json`
  return {
    name: `conformance: ${target}`,
    part: 'conformance',
    folder: 'test',
    command: process.execPath,
    args: ['--import', 'tsx', 'conformance/cli.ts', '--on', target],
    ...settings,
    env: { ...settings.env, MCP_CONFORMANCE_SUMMARY: summary }
  }
}

/** A program whose success is one check. */
export function check (name: string, part: Job['part'], command: string, args: readonly string[], settings: Settings): Job {
  return { name, part, command, args, ...settings, countsItself: true }
}
