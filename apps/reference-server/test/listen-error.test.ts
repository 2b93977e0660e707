import { createServer } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { readConfig } from '../src/config.ts'
import { describeListenError } from '../src/listen-error.ts'

async function listenError (host: string, port: number): Promise<unknown> {
  const server = createServer().listen({ host, port })
  const [error] = await Promise.race([once(server, 'error'), once(server, 'listening')])
  server.close()
  return error
}

t.test('a port in use names PORT', async t => {
  const holder = createServer().listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => holder.close())
  await once(holder, 'listening')
  const address = holder.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const error = await listenError('127.0.0.1', port)
  t.match(describeListenError(error, readConfig({ PORT: String(port) })), /^Port \d+ of 127\.0\.0\.1 is already in use: set PORT /)
})

t.test('an address of another machine names HOST', async t => {
  const error = await listenError('192.0.2.1', 0)
  t.match(describeListenError(error, readConfig({ HOST: '192.0.2.1', MCP_ALLOW_PUBLIC: 'on' })), /^192\.0\.2\.1 is no address of this machine: set HOST /)
})

t.test('a port for the privileged names PORT', async t => {
  const error = Object.assign(new Error('listen EACCES'), { code: 'EACCES' })
  t.match(describeListenError(error, readConfig({ PORT: '80' })), /^Port 80 may not be used .* set PORT /)
})

t.test('other errors are not explained away', async t => {
  t.equal(describeListenError(new Error('bug'), readConfig({})), null)
  t.equal(describeListenError('bug', readConfig({})), null)
})
