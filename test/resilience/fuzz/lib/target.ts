/** The process that is fuzzed, from outside. */
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Test } from 'tap'
import { Child } from '../../chaos/lib/child.ts'
import type { Variant } from './policies.ts'

export type Ports = Readonly<Record<Variant, number>> & { readonly admin: number, readonly keys: Readonly<Record<'alice' | 'bob', string>> }

export interface Findings {
  /** Lines of the log at `error` and above, and warnings of the process. */
  readonly harm: readonly string[]
  /** Replies by status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly rss: number
}

export interface Target {
  readonly ports: Ports
  readonly child: Child
  /** @throws when the process does not answer */
  findings (): Promise<Findings>
}

export async function startTarget (t: Test): Promise<Target> {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const program = path.join(import.meta.dirname, 'node.ts')
  const child = new Child(process.execPath, ['--conditions=mcp-source', '--import', tsx, program])
  t.teardown(() => child.end('SIGKILL'))
  await child.start(/Ports \{.*\}\n/)
  const ports = JSON.parse(/Ports (\{.*\})\n/.exec(child.output)?.[1] ?? '{}') as Ports
  const findings = async (): Promise<Findings> => {
    const response = await fetch(`http://127.0.0.1:${ports.admin}/findings`, { signal: AbortSignal.timeout(20_000) })
    return await response.json() as Findings
  }
  return { ports, child, findings }
}
