import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { REDIS_MISSING, redisProgram, RedisServer } from '../src/redis-server.ts'

const NOT_PINNED = { server: null, load: null, store: null, description: 'not pinned' }

t.test('Redis is started and stopped', { skip: redisProgram() === undefined && REDIS_MISSING }, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-bench-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const redis = await RedisServer.start(folder, NOT_PINNED)
  if (redis === null) throw new Error('It was there a moment ago')
  const port = Number(new URL(redis.url).port)
  t.equal(await isListening(port), true)
  await redis.stop()
  t.equal(await isListening(port), false)
  await redis.stop()
})

t.test('where no such program is on the path, there is none', async t => {
  const path = process.env.PATH
  process.env.PATH = ''
  t.teardown(() => { process.env.PATH = path })
  t.equal(await RedisServer.start('.', NOT_PINNED), null)
})

function isListening (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
