/** Sentinel makes a replica the new master, because the old one died or stopped answering. */
import { redisStorage } from '../src/index.ts'
import { answers, recordingLog, until } from './helper.ts'
import { redisTest } from './redis-test.ts'
import { startRedisServer, type RedisServer } from './redis-server.ts'

const OWNER = { node: 'a', requestIds: [1] }

for (const how of ['kill', 'pause'] as const) {
  await redisTest(`a replica is promoted after a ${how} of its master: nothing that it had is lost, nothing is doubled, the bus hears again`, async t => {
    const master = await startRedisServer()
    const replica = await startRedisServer({ replicaof: `127.0.0.1 ${master.port}` })
    const sentinel = await startRedisServer({}, master.port)
    const log = recordingLog()
    const client = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'master' }
    const storages = [redisStorage({ client, timeoutMs: 500, log }), redisStorage({ client, timeoutMs: 500, log: recordingLog() })] as const
    t.teardown(async () => {
      for (const storage of storages) await storage.close()
      for (const server of [sentinel, replica, master]) await server.close()
    })
    const [writer, reader] = storages
    const heard: string[] = []
    let gaps = 0
    reader.bus.onGap?.(() => { gaps++ })
    await reader.bus.subscribe('c', message => { heard.push(message) })
    await writer.events.open('s', 'st', OWNER)
    t.equal(await writer.events.append('s', 'st', ['1', '2'], false), 2)
    await until(async () => /\bnum-slaves\b\D+1\b/.test(await sentinel.command('SENTINEL', 'MASTER', 'master')))
    // Replication is asynchronous: what the replica had not got yet would be lost with the master.
    await until(async () => await master.command('WAIT', '1', '1000') === ':1')

    await master[how]()
    await until(async () => await roleOf(replica) === 'master')
    await until(() => answers(() => writer.nodes.beat('a', 60_000)))
    t.equal(await writer.events.append('s', 'st', ['3'], false, 2), 3)
    // By now the old one has been told what it is, and whoever still talks to it that it takes no writes.
    if (how === 'kill') await master.start()
    else master.resume()
    await until(async () => await roleOf(master) === 'slave')
    await until(() => answers(() => reader.nodes.beat('b', 60_000)))
    t.equal(await writer.events.append('s', 'st', ['4'], true, 3), 4)
    const page = await reader.events.read('s', 'st', 0, 10)
    t.strictSame(page, { events: ['1', '2', '3', '4'].map((message, index) => ({ position: index + 1, message })), ended: true, owner: OWNER })

    await until(() => gaps > 0)
    await until(async () => {
      if (await answers(async () => writer.bus.publish('c', 'again'))) await new Promise(resolve => setTimeout(resolve, 10))
      return heard.includes('again')
    })
    t.match(log.lines, [/^error Redis at sentinel master is out of reach/, /^info Redis at sentinel master is back/])
  })
}

async function roleOf (server: RedisServer): Promise<string | undefined> {
  const info = await server.command('INFO', 'replication').catch(() => '')
  return /^role:(\w+)/m.exec(info)?.[1]
}
