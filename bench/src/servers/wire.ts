/**
 * The wire limit of a stream: a bare loop that writes bytes it was given. POST hands them over, GET writes them event by
 * event.
 */
import { once } from 'node:events'
import Fastify from 'fastify'
import { serve } from './host.ts'

const EVENT_END = '\n\n'
let events: readonly string[] = []

const app = Fastify({ bodyLimit: 64 * 2 ** 20 })

app.addContentTypeParser('text/event-stream', { parseAs: 'string' }, (_request, body, done) => done(null, body))

app.post<{ Body: string }>('/mcp', async request => {
  events = request.body.split(EVENT_END).slice(0, -1).map(event => event + EVENT_END)
  return { events: events.length }
})

app.get('/mcp', async (_request, reply) => {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  for (const event of events) {
    if (!raw.write(event)) await once(raw, 'drain')
  }
  raw.end()
})

await serve(app)
