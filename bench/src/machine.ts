/** Where and with what the figures were taken. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'
import { dirname, join } from 'node:path'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memory: string
  readonly os: string
  /** One-minute load average when the run began: well above 0, others were at work too. */
  readonly loadBefore: number
  readonly node: string
  readonly packages: Readonly<Record<string, string>>
}

const PACKAGES = ['fastify', '@modelcontextprotocol/server', '@modelcontextprotocol/node', '@modelcontextprotocol/sdk', 'fastify-mcp']

export function describeMachine (): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    os: `${osName()} (${type()} ${release()} ${arch()})`,
    loadBefore: loadavg()[0] ?? 0,
    node: process.version,
    packages: Object.fromEntries(PACKAGES.map(name => [name, versionOf(name)]))
  }
}

function osName (): string {
  try {
    return /^PRETTY_NAME="(.+)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? type()
  } catch {
    return type()
  }
}

/** Not every package exports its package.json, so it is looked for where Node.js would look for the package. */
function versionOf (name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  for (const folder of folders) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version: string }
      return version
    } catch {}
  }
  throw new Error(`${name} is not installed beside ${dirname(import.meta.filename)}`)
}
