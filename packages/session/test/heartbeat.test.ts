import { setTimeout as pause } from 'node:timers/promises'
import { MCP_STORAGE_UNAVAILABLE, type NodeRegistry } from '@mcp/storage'
import t from 'tap'
import { beat } from '../src/heartbeat.ts'

/** A registry whose beats fail with what `state` holds; counts them. */
function registry (state: { error: Error | null, beats: number }): NodeRegistry {
  return {
    async beat () {
      state.beats++
      if (state.error !== null) throw state.error
    },
    async leave () { if (state.error !== null) throw state.error },
    alive: () => true
  }
}

async function beats (state: { beats: number }, more: number): Promise<void> {
  const wanted = state.beats + more
  while (state.beats < wanted) await pause(2)
}

t.test('beats that fail one after the other are one error, a later outage another one', async t => {
  const state = { error: new Error('away') as Error | null, beats: 0 }
  const errors: unknown[] = []
  const stop = beat(registry(state), 'n', error => errors.push(error), 2)
  await beats(state, 5)
  t.equal(errors.length, 1)
  state.error = null
  await beats(state, 3)
  state.error = new Error('away again')
  await beats(state, 5)
  t.match(errors, [{ message: 'away' }, { message: 'away again' }])
  await stop()
  t.equal(errors.length, 2)
})

t.test('an outage that the storage logs itself is not logged again', async t => {
  const state = { error: new MCP_STORAGE_UNAVAILABLE('ECONNREFUSED'), beats: 0 }
  const errors: unknown[] = []
  const stop = beat(registry(state), 'n', error => errors.push(error), 2)
  await beats(state, 5)
  await stop()
  t.same(errors, [])
})
