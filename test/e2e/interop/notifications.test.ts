import t from 'tap'
import { startReference } from './lib/apps.ts'
import { LEGACY, MODERNS, plain, pinned, withEach } from './lib/kinds.ts'
import { closeAndJudge, type Peer } from './lib/peer.ts'

const { app, url } = await startReference(t)

const LOG = 'notifications/message'
const UPDATED = 'notifications/resources/updated'
const WATCHED = 'test://watched-resource'
const changes = [
  ['test_trigger_tool_change', 'notifications/tools/list_changed'],
  ['test_trigger_prompt_change', 'notifications/prompts/list_changed'],
  ['test_trigger_resource_change', 'notifications/resources/list_changed']
] as const

/** The stream for what belongs to no request is open. */
async function standing (peer: Peer): Promise<void> {
  const { status } = await peer.wire.trip(trip => trip.method === 'GET')
  if (status !== 200) throw new Error(`GET answered ${status}`)
}

withEach(t, 'A-61, C-17: logs come with their call, from the level on that was set', { url, kinds: LEGACY }, async (t, peer) => {
  await standing(peer)
  await peer.client.setLoggingLevel('info')
  await peer.call('test_tool_with_logging')
  t.strictSame(peer.notifications.of(LOG).map(({ level, data }) => [level, data]), [
    ['info', 'Tool execution started'], ['info', 'Tool processing data'], ['info', 'Tool execution completed']
  ])
  t.equal(peer.wire.tripsOf('tools/call')[0]?.messages.length, 4)
  await peer.client.setLoggingLevel('error')
  await peer.call('test_tool_with_logging')
  t.equal(peer.notifications.of(LOG).length, 3, 'nothing below error')
})

withEach(t, 'E-50: logs come only to a request that names a level', { url, kinds: MODERNS }, async (t, peer) => {
  await peer.call('test_logging_tool')
  t.strictSame(peer.notifications.of(LOG), [])
  await peer.call('test_logging_tool', {}, {}, { 'io.modelcontextprotocol/logLevel': 'info' })
  t.strictSame(peer.notifications.of(LOG).map(({ level, data }) => [level, data]), [['info', 'Logged while the request ran']])
  await peer.call('test_logging_tool', {}, {}, { 'io.modelcontextprotocol/logLevel': 'error' })
  t.equal(peer.notifications.of(LOG).length, 1)
})

withEach(t, 'C-16, C-17, E-39: changes of lists come on the standalone stream', { url, kinds: LEGACY }, async (t, peer) => {
  await standing(peer)
  for (const [tool, method] of changes) {
    await peer.call(tool)
    await peer.notifications.take(method)
    t.equal(peer.notifications.of(method).length, 1, method)
  }
  const carrying = peer.wire.trips.filter(trip => trip.messages.some(message => message.method?.endsWith('list_changed')))
  t.strictSame(carrying.map(trip => trip.method), ['GET'])
})

withEach(t, 'C-17, D-20: updates come to those who subscribed, until they unsubscribe', { url, kinds: LEGACY }, async (t, peer) => {
  const other = await plain.connect(url)
  t.teardown(() => other.close())
  await Promise.all([standing(peer), standing(other)])
  await peer.client.subscribeResource({ uri: WATCHED })
  await other.call('test_trigger_resource_update')
  t.match(await peer.notifications.take(UPDATED), { uri: WATCHED })
  await other.call('test_trigger_resource_update', { uri: 'test://static-text' })
  await peer.client.unsubscribeResource({ uri: WATCHED })
  await other.call('test_trigger_resource_update')
  // What both hear marks the end: nothing that was sent before it is still to come.
  await other.call('test_trigger_tool_change')
  await Promise.all([peer, other].map(each => each.notifications.take('notifications/tools/list_changed')))
  t.equal(peer.notifications.of(UPDATED).length, 1)
  t.strictSame(other.notifications.of(UPDATED), [])
  t.strictSame(await closeAndJudge(other), [])
})

withEach(t, 'E-32, E-33, E-34, E-35: a listen hears what it asked for', { url, kinds: MODERNS }, async (t, peer) => {
  const subscription = await peer.v2?.listen({ toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: [WATCHED] })
  t.strictSame(subscription?.honoredFilter, { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: [WATCHED] })
  await peer.call('test_trigger_resource_change')
  await peer.call('test_trigger_resource_update', { uri: 'test://static-text' })
  await peer.call('test_trigger_resource_update')
  await peer.call('test_trigger_tool_change')
  await peer.call('test_trigger_prompt_change')
  await peer.notifications.take('notifications/prompts/list_changed')
  t.strictSame(peer.notifications.all.map(({ method }) => method), [
    UPDATED, 'notifications/tools/list_changed', 'notifications/prompts/list_changed'
  ])
  t.match(peer.notifications.of(UPDATED), [{ uri: WATCHED }])
  const ids = peer.wire.tripsOf('subscriptions/listen')[0]?.messages.map(({ params }) => params?._meta)
  t.match(ids, Array(4).fill({ 'io.modelcontextprotocol/subscriptionId': 'listen:0' }))
})

withEach(t, 'E-38, B-26: a closed listen hears no more, its cancellation is taken', { url, kinds: MODERNS }, async (t, peer) => {
  const first = await peer.v2?.listen({ toolsListChanged: true })
  await first?.close()
  t.equal(await first?.closed, 'local')
  t.strictSame(peer.wire.tripsOf('notifications/cancelled').map(trip => trip.status), [202])
  const second = await peer.v2?.listen({ toolsListChanged: true })
  await peer.call('test_trigger_tool_change')
  await peer.notifications.take('notifications/tools/list_changed')
  t.equal(peer.notifications.all.length, 1)
  await second?.close()
})

withEach(t, 'E-36: several listens of one client, equal ids of two', { url, kinds: MODERNS }, async (t, peer) => {
  const other = await pinned.connect(url)
  t.teardown(() => other.close())
  await peer.v2?.listen({ resourceSubscriptions: ['test://a'] })
  await peer.v2?.listen({ resourceSubscriptions: ['test://b'] })
  await other.v2?.listen({ resourceSubscriptions: ['test://c'] })
  for (const uri of ['test://a', 'test://b', 'test://c']) await peer.call('test_trigger_resource_update', { uri })
  await Promise.all([
    peer.notifications.take(UPDATED, ({ uri }) => uri === 'test://a'), peer.notifications.take(UPDATED, ({ uri }) => uri === 'test://b'),
    other.notifications.take(UPDATED)
  ])
  t.equal(peer.notifications.all.length, 2)
  t.match(other.notifications.all, [{ params: { uri: 'test://c' } }])
  t.strictSame(await closeAndJudge(other), [])
})

for (const kind of [plain, pinned]) {
  t.test(`E-39, E-54: the client keeps its lists fresh by itself (${kind.name})`, async t => {
    let refreshed: (names: unknown) => void = () => {}
    const names = new Promise(resolve => { refreshed = resolve })
    const onChanged = (_error: unknown, tools: Array<{ name: string }> | null) => refreshed(tools?.map(tool => tool.name))
    const peer = await kind.connect(url, { client: { listChanged: { tools: { onChanged } } } })
    t.teardown(() => peer.close())
    if (kind === plain) await standing(peer)
    await peer.call('test_trigger_tool_change')
    t.ok(JSON.stringify(await names).includes('echo'))
    t.strictSame(await closeAndJudge(peer), [])
  })
}

withEach(t, 'E-39: what the application publishes itself reaches both eras', { url, kinds: [plain, pinned] }, async (t, peer, kind) => {
  if (kind === pinned) await peer.v2?.listen({ resourcesListChanged: true })
  else await standing(peer)
  await app.mcp.publish({ method: 'notifications/resources/list_changed' })
  await peer.notifications.take('notifications/resources/list_changed')
  t.equal(peer.notifications.all.length, 1)
})

t.test('E-41, C-8: a server that shuts down ends listens in order and streams of sessions', async t => {
  const own = await startReference(t)
  const modern = await pinned.connect(own.url)
  const legacy = await plain.connect(own.url)
  t.teardown(() => Promise.all([modern.close(), legacy.close()]))
  const subscription = await modern.v2?.listen({ toolsListChanged: true })
  await standing(legacy)
  await own.app.close()
  t.equal(await subscription?.closed, 'graceful')
  await legacy.close()
  t.strictSame(await closeAndJudge(modern), [])
})
