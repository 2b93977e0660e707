import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { McpServerFactory } from '@modelcontextprotocol/server'
import { sdkApplication } from '../src/index.ts'
import { enveloped, exchange, request } from './helper.ts'
import { serverV2 } from './servers.ts'

/** Packages a source file needs at run time, with all it imports. */
function packagesOf (file: URL, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(file.href)) return packages
  seen.add(file.href)
  for (const [, typeOnly, from = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (type )?[^']*?from '([^']+)'/gm)) {
    if (typeOnly !== undefined) continue
    if (!from.startsWith('.')) packages.add(from)
    else for (const name of packagesOf(new URL(from, file), seen)) packages.add(name)
  }
  return packages
}

t.test('each entry needs its own SDK generation only', async t => {
  const src = new URL('../src/', import.meta.url)
  t.ok(existsSync(src))
  const sdk = (entry: string): string[] => [...packagesOf(new URL(entry, src))].filter(name => name.startsWith('@modelcontextprotocol/'))
  t.strictSame(sdk('v1.ts'), [])
  t.strictSame(sdk('index.ts'), ['@modelcontextprotocol/server/stdio'])
})

t.test('a factory written for createMcpHandler is taken as it is', async t => {
  const eras: string[] = []
  const factory: McpServerFactory = ({ era, requestInfo }) => {
    eras.push(`${era} ${requestInfo?.method}`)
    return serverV2()
  }
  const application = sdkApplication(factory)
  await (await exchange(application, enveloped(request('tools/list')))).result()
  t.strictSame(eras, ['modern POST'])
})
