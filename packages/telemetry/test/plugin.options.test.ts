import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Fastify from 'fastify'
import t from 'tap'
import { mcpTelemetry } from '../src/index.ts'

const wrong: ReadonlyArray<readonly [string, unknown, string]> = [
  ['registry', {}, 'a Registry of prom-client'],
  ['spans', 'yes', 'true or false'],
  ['incomingContext', 'trust', '"parent", "link" or "ignore"'],
  ['methods', 'tools/call', 'a list of method names'],
  ['maxNames', -1, 'an integer of at least 0'],
  ['maxSeries', 0, 'an integer of at least 1']
]

for (const [name, value, expected] of wrong) {
  t.test(`option ${name} must be ${expected}`, async t => {
    const app = Fastify()
    t.teardown(() => app.close())
    const message = `mcpTelemetry: option "${name}" must be ${expected}`
    await t.rejects(async () => { await app.register(mcpTelemetry, { [name]: value }) }, { code: 'MCP_TELEMETRY_BAD_OPTION', message })
  })
}

t.test('an unknown option is named', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => { await app.register(mcpTelemetry, JSON.parse('{"metricsPath":"/metrics"}')) }, { message: 'mcpTelemetry: option "metricsPath" is unknown' })
})

t.test('spans without @opentelemetry/api are an error that names it, and metrics need none', async t => {
  const hook = `export const resolve = (specifier, context, next) =>
    next(specifier === '@opentelemetry/api' && !context.parentURL.includes('prom-client') ? '@opentelemetry/api-not-installed' : specifier, context)`
  const program = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
    const { default: Fastify } = await import('fastify')
    const { mcpTelemetry } = await import('@mcp/telemetry')
    const app = Fastify()
    await app.register(mcpTelemetry)
    console.log(app.mcpTelemetry.snapshot().requests.total)
    await Fastify().register(mcpTelemetry, { spans: true }).then(() => {}, error => console.log(error.code))`
  const options = ['--conditions=mcp-source', '--import', 'tsx', '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: import.meta.dirname, env: { PATH: process.env.PATH } })
  t.strictSame(stdout.trim().split('\n'), ['0', 'MCP_TELEMETRY_NO_OPENTELEMETRY'])
})

t.test('methods of your own have a label', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpTelemetry, { methods: ['acme/do'], maxNames: 0 })
  const [observer] = app.mcpObservers ?? []
  const request = { method: 'POST', url: '', headers: {} }
  const message = { jsonrpc: '2.0' as const, id: 1, method: 'acme/do' }
  observer?.began?.({ message, revision: '2025-11-25', session: null, principal: null, request })?.ended({ kind: 'done' })
  t.strictSame(app.mcpTelemetry.snapshot().requests.byMethod, { 'acme/do': 1 })
})
