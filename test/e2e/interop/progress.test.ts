import t from 'tap'
import { startReference } from './lib/apps.ts'
import { KINDS, withEach } from './lib/kinds.ts'
import { textOf, type Progress } from './lib/peer.ts'

const servers = { sdk: await startReference(t), raw: await startReference(t, { MCP_APPLICATION: 'raw' }) }

for (const [application, { url }] of Object.entries(servers)) {
  withEach(t, `A-59, C-17: burst of the ${application} application arrives whole and in order`, { url }, async (t, peer) => {
    const seen: number[] = []
    const result = await peer.call('burst', { count: 300 }, { onprogress: ({ progress }) => seen.push(progress) })
    t.strictSame(seen, Array.from({ length: 300 }, (_, index) => index + 1))
    t.equal(textOf(result), 'Sent 300 progress notifications')
  })

  withEach(t, `A-34: burst without a progress token is the ${application} application's result alone`, { url }, async (t, peer) => {
    await peer.call('burst', { count: 50 })
    const trip = peer.wire.tripsOf('tools/call')[0]
    t.equal(trip?.messages.length, 1)
    t.match(trip?.replyHeaders.get('content-type'), 'application/json')
  })

  // Three seconds for each client, so they count at the same time.
  t.test(`A-59, A-57: countdown of the ${application} application keeps calls with a short timeout alive`, async t => {
    await Promise.all(KINDS.map(async kind => {
      const peer = await kind.connect(url)
      t.teardown(() => peer.close())
      const seen: unknown[] = []
      const onprogress = ({ progress, total }: Progress) => seen.push([progress, total])
      const result = await peer.call('countdown', { seconds: 3 }, { timeout: 2_500, resetTimeoutOnProgress: true, onprogress })
      t.equal(textOf(result), 'Counted 3 seconds', kind.name)
      t.strictSame(seen, [[1, 3], [2, 3], [3, 3]], kind.name)
    }))
  })

  withEach(t, `A-4: progress of calls side by side stays with its call (${application})`, { url }, async (t, peer) => {
    const counts = [10, 20, 30, 40]
    const seen = await Promise.all(counts.map(async count => {
      const own: unknown[] = []
      await peer.call('burst', { count }, { onprogress: ({ progress, total }) => own.push([progress, total]) })
      return own
    }))
    for (const [index, count] of counts.entries()) {
      t.strictSame(seen[index], Array.from({ length: count }, (_, step) => [step + 1, count]))
    }
  })
}

withEach(t, 'A-59: progress of a tool that says 0, 50 and 100', { url: servers.sdk.url }, async (t, peer) => {
  const seen: number[] = []
  await peer.call('test_tool_with_progress', {}, { onprogress: ({ progress }) => seen.push(progress) })
  t.strictSame(seen, [0, 50, 100])
})

withEach(t, 'A-34, A-42: raw echo, its list and its refusals', { url: servers.raw.url }, async (t, peer) => {
  t.strictSame((await peer.client.listTools()).tools.map(tool => tool.name), ['echo', 'burst', 'countdown'])
  t.equal(textOf(await peer.call('echo', { text: 'naïve ☃' })), 'naïve ☃')
  t.equal((await peer.call('echo', { text: 1 })).isError, true)
  await t.rejects(peer.call('no_such_tool'), { code: -32602 })
})
