import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { mcpSse, type McpSseOptions } from '../src/index.ts'

const READERS = 200
const MIB = 1024 * 1024
const FRAMES = `data: ${'x'.repeat(MIB)}\n\n`

/** Over a Unix socket, whose buffers in the kernel are small: what is not read stays with the server. */
async function unreadStreams (t: Test, options: McpSseOptions): Promise<{ app: FastifyInstance, reasons: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sse-'))
  const app = Fastify()
  const reasons: string[] = []
  await app.register(mcpSse, options)
  app.get('/', (_request, reply) => {
    const connection = reply.mcpStream()
    connection.onOver(reason => reasons.push(reason))
    connection.write(FRAMES, 1)
  })
  const path = join(folder, 's')
  await app.listen({ path })
  const sockets = Array.from({ length: READERS }, () => {
    const socket = connect(path)
    socket.on('error', () => {})
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    return socket
  })
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await app.close()
    rmSync(folder, { recursive: true })
  })
  return { app, reasons }
}

const connections = (app: FastifyInstance): Promise<number> => new Promise((resolve, reject) => {
  app.server.getConnections((error, count) => error === null ? resolve(count) : reject(error))
})

async function until (condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + 15_000
  while (!await condition()) {
    if (Date.now() > deadline) return false
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return true
}

t.test(`${READERS} readers that never read are all cut after stallMs`, async t => {
  const { app, reasons } = await unreadStreams(t, { keepAliveMs: 30, stallMs: 100 })
  t.ok(await until(() => reasons.length === READERS), `${reasons.length} were cut`)
  t.strictSame(new Set(reasons), new Set(['overflow']))
  t.ok(await until(async () => await connections(app) === 0), 'and their sockets are gone')
})

t.test('what all readers leave unsent stays within its bound, long before stallMs', async t => {
  const { reasons } = await unreadStreams(t, { keepAliveMs: 1000, stallMs: 60_000, maxTotalUnsentBytes: 20 * MIB })
  t.ok(await until(() => reasons.length >= READERS - 30), `${reasons.length} were cut`)
  t.ok(reasons.length < READERS, `${reasons.length} were cut`)
})
