import type { Test } from 'tap'
import { Client } from '@modelcontextprotocol/client'
import { InMemoryTransport } from '@modelcontextprotocol/server'
import type { ChangeNotification } from '../../src/sdk/context.ts'
import { buildServer } from '../../src/sdk/server.ts'

/** A client of the legacy era, connected in memory, that answers what it is asked; closed when the test ends. */
export async function legacyClient (t: Test, capabilities: Record<string, object> = { elicitation: {}, sampling: {}, roots: {} }) {
  const published: ChangeNotification[] = []
  const server = buildServer({ publish: change => { published.push(change) } })
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities })
  const [here, there] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(there), client.connect(here)])
  t.teardown(async () => {
    await client.close()
    await server.close()
  })
  return { client, published }
}
