import t from 'tap'
import { call, initializeRequest, readEvents, startApp } from './helper.ts'
import { answer, progress, puppet } from './session-client.ts'

const clients: ReadonlyArray<readonly [name: string, reads: boolean]> = [
  ['Claude', true], ['Cursor (via mcp-remote 0.1.16)', false], ['Cursor (via mcp-remote 0.1.37)', false], ['Cursor (via mcp-remote 0.15.1)', true]
]

for (const [name, reads] of clients) {
  t.test(`C-24: ${name} ${reads ? 'gets' : 'does not get'} a priming event`, async t => {
    const { application, requests } = puppet()
    const node = await startApp(t, { application })
    const { id, method, params } = initializeRequest('2025-11-25')
    const { headers } = await node.rpc({ jsonrpc: '2.0', id, method, params: { ...params as object, clientInfo: { name, version: '1' } } })
    const session = { 'mcp-session-id': headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' }
    const reply = node.open(call('work'), session)
    const exchange = await requests.next()
    await progress(exchange, 1)
    await answer(exchange, { done: true })
    const events = await readEvents(await reply).rest()
    t.equal(events.some(({ data }) => data === ''), reads)
    t.match(events.at(-1), { message: { result: { done: true } } })
  })
}
