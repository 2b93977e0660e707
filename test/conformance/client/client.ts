import { build } from 'esbuild'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import type { Judged } from '../targets.ts'
import { Turnstile } from './turnstile.ts'

const outdir = path.resolve(import.meta.dirname, '../../.conformance/driver')

/** How long one scenario may take, its turn at the turnstile included. */
const timeoutMs = 240_000

/** Scenarios that measure time are judged with nobody beside them. */
const measuring: ReadonlySet<string> = new Set(['sse-retry'])

/** Makes the program that the suites start, from the built client, and says how to start it. */
export async function startClient (): Promise<Judged> {
  await build({
    entryPoints: [path.join(import.meta.dirname, 'enter.ts')],
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outdir,
    outExtension: { '.js': '.mjs' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" }
  })
  const turnstile = await Turnstile.start(availableParallelism(), measuring)
  const command = [JSON.stringify(process.execPath), JSON.stringify(path.join(outdir, 'enter.mjs')), turnstile.port].join(' ')
  return { args: ['client', '--command', command, '--timeout', String(timeoutMs)], stop: () => turnstile.close() }
}
