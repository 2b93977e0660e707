/**
 * Runs the official suites for clients against the driver: `node --conditions=mcp-source --import tsx conformance/client/run.ts [name]`.
 * What is not scored is listed, and does not fail the run.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { findNode } from '../find-node.ts'

const resolve = createRequire(import.meta.url).resolve
const driver = path.join(import.meta.dirname, 'driver.ts')
/** The suites start everything at once, which takes its time on a small machine. */
const timeoutMs = 180_000

/**
 * Scenarios that need what is no part of a transport: token exchange with an identity provider, DPoP proofs, workload identities. The
 * requirements do not score them.
 */
const EXTENSIONS = ['auth/enterprise-managed-authorization', 'auth/dpop', 'auth/dpop-nonce', 'auth/wif-jwt-bearer']

const SUITES = [
  { name: 'requirements 2025-11-25', cli: '@modelcontextprotocol/conformance', args: ['--requirements', '2025-11-25'] },
  { name: 'requirements 2026-07-28', cli: '@modelcontextprotocol/conformance', args: ['--requirements', '2026-07-28'] },
  { name: 'all', cli: '@modelcontextprotocol/conformance', args: ['--suite', 'all'] },
  { name: '0.1.16 core', cli: '@modelcontextprotocol/conformance-0.1.16', args: ['--suite', 'core'] }
] as const

for (const suite of SUITES.filter(({ name }) => name.includes(process.argv[2] ?? ''))) {
  const output = await run(suite.cli, suite.args)
  const results = [...output.matchAll(/^([✓✗]) ([\w/.-]+): (\d+) passed, (\d+) failed/gm)].map(([, mark, name = '', passed, failed]) => {
    return { name, failed: mark === '✗' || Number(failed) > 0, checks: Number(passed) }
  })
  const failures = results.filter(({ failed }) => failed).map(({ name }) => name)
  const scored = failures.filter(name => !EXTENSIONS.includes(name))
  const checks = results.reduce((sum, { checks }) => sum + checks, 0)
  const excused = failures.filter(name => EXTENSIONS.includes(name)).join(', ') || 'none'
  console.log(`${suite.name}: ${results.length} scenarios, ${checks} checks passed; failed: ${scored.join(', ') || 'none'}; not scored, failed: ${excused}`)
  if (results.length === 0 || scored.length > 0) {
    process.exitCode = 1
    console.log(output.slice(-3_000))
  }
}

function run (cli: string, args: readonly string[]): Promise<string> {
  const program = path.join(path.dirname(resolve(`${cli}/package.json`)), 'dist/index.js')
  const command = `${process.execPath} --conditions=mcp-source --import tsx ${driver}`
  return new Promise((resolve, reject) => {
    const child = spawn(findNode(), [program, 'client', '--command', command, '--timeout', String(timeoutMs), ...args], { cwd: import.meta.dirname })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => { output += chunk })
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })
}
