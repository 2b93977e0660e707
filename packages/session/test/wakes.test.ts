import { MCP_STORAGE_UNAVAILABLE, type Bus } from '@mcp/storage'
import t from 'tap'
import { memory, node, Recorder, until } from './helper.ts'

// Retries keep no process alive, so something else must while the test waits.
const alive = setInterval(() => {}, 1_000)
t.teardown(() => clearInterval(alive))

t.test('C-27: a reader on another node hears of what was stored while the writer could not tell', async t => {
  const storage = memory(t)
  let away = false
  const bus: Bus = {
    publish: (channel, message) => {
      if (away) throw new MCP_STORAGE_UNAVAILABLE('out for lunch')
      return storage.bus.publish(channel, message)
    },
    subscribe: (channel, listener) => storage.bus.subscribe(channel, listener)
  }
  const writer = node(t, { ...storage, bus })
  const reader = node(t, storage)
  const session = await writer.opened()
  const connection = new Recorder('c', 'st')
  await reader.sessions.attach(await reader.found(session.id), connection)
  const other = new Recorder('o', 'other')
  await reader.sessions.attach(await reader.found(session.id), other)

  away = true
  for (let message = 0; message < 3; message++) writer.sessions.stored(session, 'st')
  writer.sessions.stored(session, 'other')
  await until(() => writer.logs.length === 4, 'all of them failed')
  t.strictSame(connection.heard, [])
  away = false
  await until(() => other.heard.length > 0, 'the reader was woken')
  t.strictSame(connection.heard, ['wake'], 'once for all it missed')
  t.strictSame(other.heard, ['wake'])
  writer.sessions.stored(session, 'st')
  await until(() => connection.heard.length === 2, 'and at once where nothing is in the way')
})

t.test('a node that closes says nothing more', async t => {
  const storage = memory(t)
  let calls = 0
  const bus: Bus = {
    publish: () => {
      calls++
      throw new MCP_STORAGE_UNAVAILABLE('out for lunch')
    },
    subscribe: (channel, listener) => storage.bus.subscribe(channel, listener)
  }
  const { sessions, opened, logs } = node(t, { ...storage, bus })
  sessions.stored(await opened(), 'st')
  await until(() => logs.length === 1, 'it failed')
  await sessions.close()
  const before = calls
  await new Promise(resolve => setTimeout(resolve, 1_500))
  t.equal(calls, before)
})
