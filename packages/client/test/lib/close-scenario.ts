/**
 * Closes a client in each of its scenarios, one after the other, and prints what is left of each as JSON. Arguments: the server's URL, the
 * scenarios. Timers count even when they would not keep the process alive.
 */
import { createHook } from 'node:async_hooks'
import { HttpSseClient, StreamableHttpClient, type ClientTransport } from '../../src/index.ts'
import { INITIALIZE, INITIALIZED, modern, notification, request } from './client.ts'

const live = new Map<number, string>()
createHook({
  init: (id, type) => {
    // undici has one clock for the whole process, which stops by itself.
    if (/Timeout|TCP|TLS|GETADDRINFO/.test(type) && !/undici.lib.util.timers/.test(new Error().stack ?? '')) live.set(id, type)
  },
  destroy: id => { live.delete(id) }
}).enable()

const [url = '', ...names] = process.argv.slice(2)
const reconnect = { initialMs: 60_000, maxMs: 60_000 }

function answered (client: ClientTransport, send: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    client.onmessage = () => resolve()
    send().catch(reject)
  })
}

async function shakenHands (client: ClientTransport): Promise<void> {
  await client.start()
  await answered(client, () => client.send(INITIALIZE))
  await client.send(INITIALIZED)
}

const state = (client: ClientTransport, wanted: string): Promise<void> => new Promise(resolve => {
  client.onstate = state => { if (state === wanted) resolve() }
})

const scenarios: Record<string, () => Promise<ClientTransport>> = {
  'never started': async () => new StreamableHttpClient(url),
  'streams open': async () => {
    const client = new StreamableHttpClient(url)
    await shakenHands(client)
    await client.send(request(1, 'endless'))
    return client
  },
  'waiting for a head': async () => {
    const client = new StreamableHttpClient(url)
    await shakenHands(client)
    client.send(request(1, 'silent')).catch(() => {})
    return client
  },
  'waiting to resume': async () => {
    const client = new StreamableHttpClient(url, { reconnect })
    await shakenHands(client)
    await answered(client, () => client.send(request(1, 'broken')))
    return client
  },
  'waiting in the queue': async () => {
    const client = new StreamableHttpClient(url, { reconnect })
    await shakenHands(client)
    const reconnecting = state(client, 'reconnecting')
    client.send(request(1, 'throttled')).catch(() => {})
    client.send(notification('x')).catch(() => {})
    await reconnecting
    return client
  },
  'refused for now': async () => {
    const client = new StreamableHttpClient(url, { reconnect })
    await shakenHands(client)
    client.send(request(1, 'refused')).catch(() => {})
    await client.send(notification('x'))
    return client
  },
  'modern listen': async () => {
    const client = new StreamableHttpClient(url)
    await client.start()
    await client.send(modern(1, 'endless'))
    return client
  },
  'HTTP+SSE': async () => {
    const client = new HttpSseClient(`${url}/sse`)
    await client.start()
    await client.send(notification('x'))
    return client
  },
  'HTTP+SSE waiting to reconnect': async () => {
    const client = new HttpSseClient(`${url}/sse?once`, { reconnect })
    const reconnecting = state(client, 'reconnecting')
    await client.start()
    await reconnecting
    return client
  },
  'HTTP+SSE waiting for an endpoint': async () => {
    const client = new HttpSseClient(`${url}/sse?silent`)
    client.start().catch(() => {})
    return client
  }
}

const left: Record<string, string[]> = {}
for (const name of names) {
  const client = await scenarios[name]?.()
  await new Promise(setImmediate)
  await client?.close()
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  left[name] = [...live.values()]
}
process.stdout.write(JSON.stringify(left))
