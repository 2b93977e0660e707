import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../lib/workspace.ts'
import { quietPort } from './quiet-port.ts'
import type { Commands, Program, Story } from './story.ts'

const execute = promisify(execFile)

/** A program as the runner takes it. */
export interface StagedProgram extends Omit<Program, 'text'> {
  /** The JavaScript to run. */
  script: string
  listens: boolean
}

/** A story whose programs are files. */
export interface StagedStory {
  page: string
  /** Where its commands run. */
  folder: string
  steps: Array<StagedProgram | Commands>
}

/** A folder outside the repository with the programs of all pages, where `node_modules` is that of the tests. */
export interface Stage {
  folder: string
  stories: StagedStory[]
  /** Compiles all programs at once. Answers what the compiler found, a line each, with pages in place of files. */
  compile: () => Promise<string[]>
  remove: () => Promise<void>
}

interface Source {
  file: string
  at: string
}

/**
 * @param fixed What stands in place of a port that is not ours to choose: `6379` → the port of a Redis that was started.
 */
export async function stage (stories: readonly Story[], fixed: ReadonlyMap<number, number>): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-docs-'))
  await symlink(path.join(root, 'test/node_modules'), path.join(folder, 'node_modules'))
  await writeFile(path.join(folder, 'package.json'), '{"private":true,"type":"module"}')
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(compilerSettings()))
  const sources: Source[] = []
  const staged: StagedStory[] = []
  for (const story of stories) staged.push(await stageStory(story, folder, sources, await portsOf(story, fixed)))
  return {
    folder,
    stories: staged,
    compile: () => compile(folder, sources),
    remove: () => rm(folder, { recursive: true, force: true })
  }
}

async function stageStory (story: Story, folder: string, sources: Source[], ports: (text: string) => string): Promise<StagedStory> {
  const name = story.page.replace(/\.md$/, '').replaceAll('/', '-')
  for (const place of ['in', 'out']) await mkdir(path.join(folder, place, name), { recursive: true })
  const steps: StagedStory['steps'] = []
  for (const step of story.steps) {
    const shown = step.shown === null ? null : ports(step.shown)
    if (step.kind === 'commands') {
      steps.push({ ...step, shown, text: ports(step.text) })
      continue
    }
    const { text, ...rest } = step
    const file = path.posix.join(name, step.file)
    sources.push({ file, at: step.at })
    await writeFile(path.join(folder, /\.m?ts$/.test(step.file) ? 'in' : 'out', file), ports(text))
    const script = path.join(folder, 'out', file.replace(/\.(m?)ts$/, '.$1js'))
    steps.push({ ...rest, shown, says: step.says.map(ports), script, listens: /\.listen\(/.test(text) })
  }
  return { page: story.page, folder: path.join(folder, 'out', name), steps }
}

/** `strict`, as those who install the packages have it, and against what was built. */
function compilerSettings (): object {
  return {
    extends: path.join(root, 'tsconfig.base.json'),
    compilerOptions: {
      customConditions: [],
      noEmit: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      noImplicitReturns: false,
      noUncheckedIndexedAccess: false,
      rootDir: 'in',
      outDir: 'out',
      typeRoots: [path.join(root, 'node_modules/@types')]
    },
    include: ['in']
  }
}

async function compile (folder: string, sources: readonly Source[]): Promise<string[]> {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const lines = await execute(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder, maxBuffer: 16 * 1024 * 1024 })
    .then(() => [], (error: unknown) => error instanceof Error && 'stdout' in error ? String(error.stdout).trim().split('\n') : [String(error)])
  return lines.map(line => {
    const source = sources.find(({ file }) => line.startsWith(`in/${file}(`))
    return source === undefined ? line : line.replace(`in/${source.file}`, source.at)
  })
}

/** Pages use the ports readers will; tests use free ones. What is a port in one place of a page is one everywhere on it. */
async function portsOf (story: Story, fixed: ReadonlyMap<number, number>): Promise<(text: string) => string> {
  const all = story.steps.map(({ text }) => text).join('\n')
  const named = new Set([...all.matchAll(/(?:\bport: ?|localhost:|127\.0\.0\.1:)(\d{4,5})\b/g)].map(([, port]) => Number(port)))
  const ports = new Map<string, string>()
  for (const port of named) ports.set(String(port), String(fixed.get(port) ?? await quietPort()))
  if (ports.size === 0) return text => text
  const pattern = new RegExp(`\\b(?:${[...ports.keys()].join('|')})\\b`, 'g')
  return text => text.replace(pattern, port => ports.get(port) ?? port)
}
