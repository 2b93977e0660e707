/** Clients that wait to be told of changes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosClient } from './chaos-client.ts'
import type { Ledger } from './ledger.ts'

const PAUSE_MS = 300
/** A change that was announced while a subscription stood is heard within this time. */
const HEARD_MS = 10_000
/** Changes announced until one must have been heard on a stream that had to be opened again. */
const ATTEMPTS = 15

/** Listens, and again whenever the listen ends; each time it must hear a change that is announced after it was acknowledged. */
export async function listenOn (client: ChaosClient, ledger: Ledger, stopped: AbortSignal): Promise<void> {
  const uri = `test://chaos/${encodeURIComponent(client.name)}`
  const change = `notifications/resources/updated ${uri}`
  while (!stopped.aborted) {
    try {
      const listen = await client.listen(uri)
      const over = new AbortController()
      const closed = listen.closed.then(() => over.abort())
      while (!over.signal.aborted && !stopped.aborted) {
        const before = client.heard.get(change) ?? 0
        const announced = await announce(client, ledger, 'test_trigger_resource_update', { uri })
        if (announced) await Promise.race([hears(client, ledger, change, before, over.signal), closed])
        await sleep(PAUSE_MS)
      }
      await listen.close()
    } catch (error) {
      ledger.failed(`listen: ${error instanceof Error ? error.message.replace(/<.*>/s, '').slice(0, 60) : error}`)
      await sleep(PAUSE_MS)
    }
  }
}

/** Whether a change announced now reaches the standalone stream of a client, at the latest when it has reconnected. */
export async function standalone (client: ChaosClient, ledger: Ledger): Promise<void> {
  const change = 'notifications/tools/list_changed'
  const before = client.heard.get(change) ?? 0
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await announce(client, ledger, 'test_trigger_tool_change', {})
    for (let waited = 0; waited < 20; waited++) {
      if ((client.heard.get(change) ?? 0) > before) return
      await sleep(50)
    }
  }
  ledger.violations.push(`${client.name}: its standalone stream hears nothing any more`)
}

/** Whether a change was announced, to all who could hear of it. */
async function announce (client: ChaosClient, ledger: Ledger, tool: string, args: { uri?: string }): Promise<boolean> {
  const result = await ledger.run('change', 0, (token, signal) => client.call(tool, args, token, signal))
  // The tool of a node that cannot tell the others says so.
  return result !== null && result.isError !== true
}

async function hears (client: ChaosClient, ledger: Ledger, change: string, before: number, over: AbortSignal): Promise<void> {
  const deadline = performance.now() + HEARD_MS
  while ((client.heard.get(change) ?? 0) === before) {
    if (over.aborted) return
    if (performance.now() > deadline) return ledger.expect(false, `${client.name}: a change announced while it listened was not heard`)
    await sleep(20)
  }
}
