import { once } from 'node:events'
import t from 'tap'
import { McpServer } from '@modelcontextprotocol/server'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { sdkApplication } from '../src/index.ts'
import { sdkV1Application } from '../src/v1.ts'
import { call, enveloped, exchange, request, TestSession } from './helper.ts'

const heard: string[] = []
let started = (): void => {}

/** Adds listeners of every form, each of which fails, and never answers. */
async function wait (signal: AbortSignal): Promise<never> {
  const fail = (form: string) => (): never => {
    heard.push(form)
    throw new Error(`thrown on purpose: ${form}`)
  }
  const removed = fail('removed')
  signal.addEventListener('abort', removed)
  signal.removeEventListener('abort', removed)
  signal.addEventListener('abort', fail('listener'))
  signal.addEventListener('abort', async () => fail('async')())
  signal.addEventListener('abort', { handleEvent: fail('object') })
  signal.onabort = fail('replaced')
  signal.onabort = fail('onabort')
  started()
  return new Promise(() => {})
}

const applications = {
  'SDK 2.x': () => sdkApplication(() => {
    const server = new McpServer({ name: 'waiting', version: '1' })
    server.registerTool('wait', { description: 'Waits' }, async ({ mcpReq }) => wait(mcpReq.signal))
    return server
  }),
  'SDK 1.x': () => sdkV1Application(() => {
    const server = new McpServerV1({ name: 'waiting', version: '1' })
    server.registerTool('wait', { description: 'Waits' }, async ({ signal }) => wait(signal))
    return server
  })
}

const ways = [['SDK 2.x', 'session'], ['SDK 2.x', 'modern'], ['SDK 1.x', 'session']] as const

for (const [name, way] of ways) {
  t.test(`A10: listeners on the signal of ${name} that throw do not end the process: ${way}`, async t => {
    const application = applications[name]()
    t.teardown(() => application.close?.())
    const session = new TestSession(name)
    if (way === 'session') await (await exchange(application, request('initialize', { ...session.handshake }), { session })).result()
    heard.length = 0
    const warnings: string[] = []
    const onWarning = (warning: Error): void => { warnings.push(warning.message) }
    process.on('warning', onWarning)
    t.teardown(() => process.off('warning', onWarning))
    const running = new Promise<void>(resolve => { started = resolve })
    const waiting = await exchange(application, way === 'modern' ? enveloped(call('wait')) : call('wait'), way === 'modern' ? {} : { session })
    await running
    waiting.cancel()
    while (warnings.length < 4) await once(process, 'warning')
    t.strictSame(heard.toSorted(), ['async', 'listener', 'object', 'onabort'])
    t.strictSame(warnings.toSorted(), heard.toSorted().map(form => `thrown on purpose: ${form}`))
  })
}
