import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import ts from 'typescript'
import { parse } from 'yaml'
import { findNginx } from '../../resilience/chaos/lib/programs.ts'
import { root, textOf, workspacePackages } from '../../lib/workspace.ts'
import { placeOf, type Block } from './blocks.ts'
import type { Check, Story } from './story.ts'

/** What is wrong with a block that is looked at instead of being run; `null` where nothing is. */
export function faultOf (check: Check, block: Block, story: Story): string | null {
  try {
    checks[check](block, story)
    return null
  } catch (error) {
    return `${placeOf(block)}: ${error instanceof Error ? error.message : String(error)}`
  }
}

const checks: Record<Check, (block: Block, story: Story) => void> = {
  json: ({ text }) => JSON.parse(text),
  yaml: ({ text }) => parse(text, { strict: true }),
  nginx: ({ text }) => nginxAccepts(text),
  mermaid: ({ text }) => { if (!/^flowchart /.test(text)) throw new Error('only flowcharts are known') },
  install: ({ text, words }, story) => namesAll(text, words.has('adds') ? [] : story.steps),
  repository: ({ text }) => scriptsExist(text),
  quoted: ({ language, text }) => parses(language, text)
}

/** The whole file as `nginx -t` sees it, where it is included from the `nginx.conf` of a distribution. */
function nginxAccepts (text: string): void {
  const nginx = findNginx()
  if (nginx === null) throw new Error('nginx is missing')
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-docs-nginx-'))
  try {
    writeFileSync(path.join(folder, 'page.conf'), text)
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${folder}/${name};`).join('\n')
    writeFileSync(path.join(folder, 'nginx.conf'), `pid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${temporary}\ninclude ${folder}/page.conf;\n}\n`)
    const { status, stderr } = spawnSync(nginx, ['-t', '-p', folder, '-e', 'stderr', '-c', path.join(folder, 'nginx.conf')], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`nginx -t says: ${stderr}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * `npm install …` names what the programs of its page import, and nothing that does not exist.
 * @param steps None where readers have the rest already (`adds`).
 */
function namesAll (text: string, steps: Story['steps']): void {
  const named = text.trim().split('\n').flatMap(line => line.split(/\s+/).slice(2)).filter(word => !word.startsWith('-'))
  const absent = named.find(name => !existsSync(path.join(root, 'test/node_modules', name)) && !existsSync(path.join(root, 'node_modules', name)))
  if (absent !== undefined) throw new Error(`installs ${absent}, which no test uses`)
  const imported = steps.flatMap(step => step.kind === 'program' && !step.unseen ? importsOf(step.text) : [])
  const forgotten = imported.find(name => !named.includes(name))
  if (forgotten !== undefined) throw new Error(`does not install ${forgotten}, which the page imports`)
}

/** Names of packages; built-ins and files of the page are none. */
function importsOf (text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
    .filter(name => !name.startsWith('.') && !name.startsWith('node:'))
    .map(name => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/'))
}

const ownCommands = new Set(['install', 'changeset'])

/** Commands for a clone of the repository, `npx --yes pnpm@12 dev`, name scripts that exist. */
function scriptsExist (text: string): void {
  for (const line of text.trim().split('\n')) {
    const [, rest = ''] = /^(?:[A-Z_]+=\S+ )*(?:npx (?:--yes |-y )?pnpm@12|pnpm) (.*?)(?:\s+[>#].*)?$/.exec(line) ?? []
    const words = rest.split(/\s+/).filter(word => word !== '--silent')
    const filter = words[0] === '--filter' ? words.splice(0, 2)[1] : undefined
    const manifest = filter === undefined
      ? JSON.parse(textOf('package.json'))
      : workspacePackages().find(({ manifest }) => manifest.name === filter)?.manifest
    const script = words[0] === 'run' ? words[1] : words[0]
    if (script === undefined || script === '') throw new Error(`not a command of this repository: ${line}`)
    if (!ownCommands.has(script) && manifest?.scripts?.[script] === undefined) throw new Error(`no such script: ${line}`)
  }
}

/** What cannot be run has to be well-formed at least. */
function parses (language: string, text: string): void {
  if (language === 'sh') {
    execFileSync('bash', ['-n'], { input: text, stdio: ['pipe', 'ignore', 'pipe'] })
    return
  }
  const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ESNext } })
  const [first] = diagnostics
  if (first !== undefined) throw new Error(ts.flattenDiagnosticMessageText(first.messageText, '\n'))
}
