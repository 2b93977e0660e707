import { EventSource } from 'eventsource'
import t, { type Test } from 'tap'
import { Agent, fetch as undiciFetch, request } from 'undici'
import { startReference } from './lib/apps.ts'
import { INITIALIZED, LEGACY, initialize, modernHeaders, modernToolCall, toolCall } from './lib/rpc.ts'

const { app, url } = await startReference(t)
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

type Session = Record<string, string>

async function open (): Promise<Session> {
  const response = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(initialize()) })
  await response.text()
  const session = { 'mcp-session-id': response.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': LEGACY }
  await fetch(url, { method: 'POST', headers: { ...json, ...session }, body: JSON.stringify(INITIALIZED) })
  return session
}

/** An EventSource on the session's stream that notes what it gets; `cut` breaks its connection. */
function listen (t: Test, session: Session) {
  const heard: Array<{ method: string, id: string }> = []
  const resumedFrom: Array<string | null> = []
  let waiting: Array<() => void> = []
  let abort = new AbortController()
  const wake = (): void => {
    const woken = waiting
    waiting = []
    for (const resolve of woken) resolve()
  }
  const source = new EventSource(url, {
    fetch: (to, init) => {
      const headers = new Headers({ ...init.headers, ...session })
      resumedFrom.push(headers.get('last-event-id'))
      abort = new AbortController()
      return fetch(to, { ...init, headers, signal: AbortSignal.any([abort.signal, init.signal as AbortSignal]) })
    }
  })
  t.teardown(() => source.close())
  source.addEventListener('message', event => {
    // The first event names the stream and carries nothing (C-14); readers skip it (C-5).
    if (event.data === '') return
    heard.push({ method: JSON.parse(event.data).method, id: event.lastEventId })
    wake()
  })
  source.addEventListener('open', wake)
  source.addEventListener('error', wake)
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>(resolve => waiting.push(resolve))
  }
  return { source, heard, resumedFrom, until, cut: () => abort.abort(new Error('the connection was lost')) }
}

t.test('C-1, C-18, C-24, C-27: the eventsource package reads the standalone stream and resumes it', async t => {
  const { source, heard, resumedFrom, until, cut } = listen(t, await open())
  await until(() => source.readyState === source.OPEN)
  await app.mcp.publish({ method: 'notifications/tools/list_changed' })
  await until(() => heard.length === 1)
  cut()
  await until(() => source.readyState === source.CONNECTING)
  await app.mcp.publish({ method: 'notifications/prompts/list_changed' })
  await until(() => heard.length === 2)
  t.strictSame(heard.map(({ method }) => method), ['notifications/tools/list_changed', 'notifications/prompts/list_changed'])
  t.strictSame(resumedFrom, [null, heard[0]?.id])
})

t.test('D-7, D-10: it stops when the session is over', async t => {
  const session = await open()
  const { source, until } = listen(t, session)
  await until(() => source.readyState === source.OPEN)
  await fetch(url, { method: 'DELETE', headers: session })
  await until(() => source.readyState === source.CLOSED)
  t.equal(source.readyState, source.CLOSED)
})

t.test('A-34, C-9: undici fetch', async t => {
  const session = await open()
  const post = (body: object, headers: Session = session) =>
    undiciFetch(url, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })
  t.match(await (await post(toolCall('echo', { text: '世界' }))).json(), { result: { content: [{ text: '世界' }] } })
  const streamed = await (await post(toolCall('burst', { count: 100 }, { progressToken: 'p' }))).text()
  t.equal(streamed.split('notifications/progress').length - 1, 100)
  const modern = await post(modernToolCall('echo', { text: 'm' }), modernHeaders('echo'))
  t.match(await modern.json(), { result: { resultType: 'complete' } })
})

t.test('A-4, C-34: undici request, pipelined on one connection', async t => {
  const dispatcher = new Agent({ connections: 1, pipelining: 10 })
  t.teardown(() => dispatcher.close())
  const texts = Array.from({ length: 20 }, (_, index) => `call ${index}`)
  const answers = await Promise.all(texts.map(async text => {
    const body = JSON.stringify(modernToolCall('echo', { text }))
    const reply = await request(url, { method: 'POST', headers: { ...json, ...modernHeaders('echo') }, body, dispatcher, idempotent: true })
    return (await reply.body.json() as { result: { content: Array<{ text: string }> } }).result.content[0]?.text
  }))
  t.strictSame(answers, texts)
})

t.test('C-28: the eventsource package comes no more for a stream that is over', async t => {
  const session = await open()
  const body = JSON.stringify(toolCall('burst', { count: 2 }, { progressToken: 1 }))
  const posted = await fetch(url, { method: 'POST', headers: { ...json, ...session }, body })
  const last = /^id: (\S+)$/m.exec((await posted.text()).split('\n\n').filter(frame => frame.includes('id: ')).at(-1) ?? '')?.[1] ?? ''
  const statuses: number[] = []
  const source = new EventSource(url, {
    fetch: async (to, init) => {
      const response = await fetch(to, { ...init, headers: { ...init.headers, ...session, 'last-event-id': last } } as RequestInit)
      statuses.push(response.status)
      return response
    }
  })
  t.teardown(() => source.close())
  await new Promise(resolve => source.addEventListener('error', resolve))
  t.equal(source.readyState, source.CLOSED, 'it has given up, as it is told')
  t.strictSame(statuses, [204])
})
