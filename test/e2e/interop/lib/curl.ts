/** curl, the way people try a server by hand. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import { installPackage, runs } from '../../../../packages/storage-redis/test/debian.ts'

/** Whether there is a curl; where it may be installed, it is. */
export function haveCurl (): boolean {
  if (runs('curl', '--version')) return true
  installPackage('curl')
  return runs('curl', '--version')
}

export interface Curled {
  readonly status: number
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const JSON_IN = ['-H', 'Content-Type: application/json', '-H', 'Accept: application/json, text/event-stream']

/** Runs curl to its end. A `body` is POSTed as JSON through its stdin. */
export async function curl (url: string, parameters: readonly string[] = [], body?: unknown): Promise<Curled> {
  const posting = body === undefined ? [] : [...JSON_IN, '--data-binary', '@-']
  const all = ['-sS', '-N', '-i', '--max-time', '30', ...posting, ...parameters, url]
  const child = spawn('curl', all, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(body === undefined ? '' : JSON.stringify(body))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { output += chunk })
  await once(child, 'close')
  return parsed(output)
}

/** Leaves curl running; `until` resolves with its output once that matches. */
export function follow (t: Test, url: string, parameters: readonly string[]): { until: (wanted: RegExp) => Promise<string> } {
  const child = spawn('curl', ['-sS', '-N', '-i', ...parameters, url], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill() })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { output += chunk })
  return {
    until: async wanted => {
      while (!wanted.test(output)) await once(child.stdout, 'data')
      return output
    }
  }
}

/** Interim answers (100 Continue) have heads of their own. */
function parsed (output: string): Curled {
  const end = output.indexOf('\r\n\r\n')
  const [first = '', ...lines] = output.slice(0, end).split('\r\n')
  const status = Number(first.split(' ')[1])
  if (status === 100) return parsed(output.slice(end + 4))
  const pairs = lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const)
  return { status, headers: Object.fromEntries(pairs), body: output.slice(end + 4) }
}
