/** Redis can be reached and rejects commands: it is read-only, or permissions are missing. */
import { connect, createServer } from 'node:net'
import t from 'tap'
import { ReplyError } from 'ioredis'
import { redisStorage } from '../src/index.ts'
import { Outage } from '../src/outage.ts'
import { asUnavailable, reasonOf, replyCode } from '../src/unavailable.ts'
import { answers, recordingLog, until } from './helper.ts'
import { redisTest } from './redis-test.ts'
import { startRedisServer } from './redis-server.ts'
import type { AddressInfo, Socket } from 'node:net'
import type { RedisServer } from './redis-server.ts'

const OWNER = { node: null, requestIds: [] }
const UNAVAILABLE = { code: 'MCP_STORAGE_UNAVAILABLE', statusCode: 503 }
const SHA = 'f'.repeat(40)

t.test('an error in a script is recognized in the words of every version', async t => {
  const replies: Array<[message: string, code: string, reason: string]> = [
    ['READONLY You can\'t write against a read only replica.', 'READONLY', 'READONLY You can\'t write against a read only replica'],
    [`READONLY You can't write against a read only replica. script: ${SHA}, on @user_script:5.`, 'READONLY', 'READONLY You can\'t write against a read only replica'],
    [`ERR Error running script (call to f_${SHA}): @user_script:5: @user_script: 5: -READONLY You can't write against a read only replica. `, 'READONLY',
      'READONLY You can\'t write against a read only replica'],
    [`ERR Error running script (call to f_${SHA}): @user_script:5: @user_script: 5: -OOM command not allowed when used memory > 'maxmemory'. `, 'OOM',
      'OOM command not allowed when used memory > \'maxmemory\''],
    [`ERR Error running script (call to f_${SHA}): @user_script:5: @user_script: 5: -MISCONF Errors writing to the AOF file: No space left on device `, 'MISCONF',
      'MISCONF Errors writing to the AOF file: No space left on device']
  ]
  for (const [message, code, reason] of replies) {
    const error = new ReplyError(message)
    t.equal(replyCode(error), code)
    t.equal(reasonOf(error), reason)
    t.match(asUnavailable(error), { ...UNAVAILABLE, message: `The MCP storage is unavailable: ${reason}` })
  }
  for (const message of [
    `ERR ACL failure in script: No permissions to access a key script: ${SHA}, on @user_script:3.`,
    `ERR Error running script (call to f_${SHA}): @user_script:3: @user_script: 3: The user executing the script can't run this command or subcommand`,
    'NOPERM this user has no permissions to access one of the keys used as arguments'
  ]) t.equal(replyCode(new ReplyError(message)), 'NOPERM')
  const wrong = new ReplyError(`ERR Error running script (call to f_${SHA}): @user_script:1: attempt to index a nil value`)
  t.equal(replyCode(wrong), 'ERR')
  t.equal(asUnavailable(wrong), wrong)
  t.equal(replyCode(new Error('READONLY')), '')
})

/** A server in front of Redis that words errors of scripts as Redis 6 does, and counts connections. */
async function wordsOfRedis6 (server: RedisServer): Promise<{ port: number, connections (): number, close (): void }> {
  let count = 0
  const sockets = new Set<Socket>()
  const proxy = createServer(socket => {
    count++
    const upstream = connect(server.port, '127.0.0.1')
    for (const each of [socket, upstream]) sockets.add(each.on('error', () => {}).on('close', () => { socket.destroy(); upstream.destroy() }))
    socket.pipe(upstream)
    upstream.on('data', data => socket.write(data.toString('latin1').replaceAll(/^-(READONLY.*?) script: (\w+), on @user_script:(\d+)\.\r$/gm,
      (_all, error: string, sha: string, line: string) =>
        `-ERR Error running script (call to f_${sha}): @user_script:${line}: @user_script: ${line}: -${error} \r`), 'latin1'))
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  return {
    port: (proxy.address() as AddressInfo).port,
    connections: () => count,
    close () {
      proxy.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}

await redisTest('a server that became a replica is left for its successor, also where it words errors of scripts as Redis 6 does', async t => {
  const [master, replica] = [await startRedisServer(), await startRedisServer()]
  const proxy = await wordsOfRedis6(replica)
  const log = recordingLog()
  const storage = redisStorage({ url: `redis://127.0.0.1:${proxy.port}`, timeoutMs: 300, log })
  t.teardown(async () => { await storage.close(); proxy.close(); await replica.close(); await master.close() })
  await storage.events.open('s', 'st', OWNER)
  await replica.command('REPLICAOF', '127.0.0.1', String(master.port))
  const before = proxy.connections()
  await until(async () => {
    await t.rejects(storage.events.append('s', 'st', ['1'], false), UNAVAILABLE)
    return proxy.connections() > before
  })
  for (let round = 0; round < 20; round++) await t.rejects(storage.nodes.beat('n', 1000), UNAVAILABLE)
  t.equal(log.lines.length, 1, 'one line, however often it connects again')
  t.match(log.lines[0], /^error Redis at .* (rejects commands: READONLY|is out of reach)/)
  await replica.command('REPLICAOF', 'NO', 'ONE')
  await until(async () => await answers(() => storage.nodes.beat('n', 1000)) && await answers(() => storage.events.open('s', 'st', OWNER)) && log.lines.length === 2)
  t.match(log.lines[1], /^info Redis at .* is back/)
})

const RULES = ['resetkeys', '~mcp:*', 'resetchannels', '&mcp:bus:*', '-@all', '+@read', '+@write', '+@scripting', '+@pubsub', '+@connection', '-@dangerous', '+info', '+time']

async function withUser (server: RedisServer, ...rules: readonly string[]): Promise<void> {
  await server.command('ACL', 'SETUSER', 'mcp', 'reset', 'on', '>word', ...rules)
}

await redisTest('the permissions in the README suffice', async t => {
  const server = await startRedisServer()
  await withUser(server, ...RULES)
  const log = recordingLog()
  const storage = redisStorage({ url: `redis://mcp:word@127.0.0.1:${server.port}/1`, timeoutMs: 5000, log })
  t.teardown(async () => { await storage.close(); await server.close() })
  const heard: string[] = []
  const leave = await storage.bus.subscribe('c', message => heard.push(message))
  await storage.bus.publish('c', 'm')
  await until(() => heard.length === 1)
  await leave()
  await storage.events.open('s', 'st', OWNER)
  t.equal(await storage.events.append('s', 'st', ['1'], true), 1)
  t.same((await storage.events.read('s', 'st', 0, 1))?.events.length, 1)
  await storage.events.deleteSession('s')
  await storage.nodes.beat('n', 1000)
  t.equal(await storage.sessions.count(), 0)
  t.same(log.lines, [])
})

const MISSING: Array<[what: string, rules: readonly string[], rule: string]> = [
  ['channels', RULES.filter(rule => !rule.startsWith('&')), '&mcp:bus:*'],
  ['keys', RULES.filter(rule => !rule.startsWith('~')), '~mcp:*'],
  ['a command', [...RULES, '-hset'], '+@read +@write +time'],
  ['scripts', [...RULES, '-evalsha', '-eval'], '+eval']
]

for (const [what, rules, rule] of MISSING) {
  await redisTest(`a missing permission for ${what} is logged once, with the rule that gives it`, async t => {
    const server = await startRedisServer()
    await withUser(server, ...rules)
    const log = recordingLog()
    const storage = redisStorage({ url: `redis://mcp:word@127.0.0.1:${server.port}`, timeoutMs: 200, log })
    t.teardown(async () => { await storage.close(); await server.close() })
    const heard: string[] = []
    await storage.bus.subscribe('c', message => heard.push(message))
    for (let round = 0; round < 5; round++) await answers(() => storage.events.open('s', `st ${round}`, OWNER))
    await until(() => log.lines.length > 0)
    t.equal(log.lines.length, 1)
    t.match(log.lines[0], /^error Redis at .* rejects commands: .*(permission|executing the script)/)
    t.ok(log.lines[0]?.includes(`needs the ACL rule ${rule} (see the README`), rule)

    await withUser(server, ...RULES)
    await until(async () => {
      await answers(() => storage.events.open('s', 'st', OWNER))
      return log.lines.length === 2
    })
    t.match(log.lines[1], /^info Redis at .* is back/)
    await until(async () => await answers(async () => storage.bus.publish('c', 'm')) && heard.length > 0)
  })
}

t.test('a Redis at its limit, which rejects and accepts by turns, fills no log', async t => {
  const log = recordingLog()
  const outage = new Outage(log, 'here', 60_000)
  for (let round = 0; round < 100; round++) {
    outage.rejected('append', 'OOM')
    outage.accepted('append')
    outage.accepted('other')
  }
  t.equal(log.lines.length, 1)
  const quick = new Outage(log, 'there', 0)
  quick.rejected('append', 'OOM')
  quick.lost('connection', 'ECONNRESET')
  quick.accepted('other')
  quick.back('connection')
  t.equal(log.lines.length, 2)
  quick.accepted('append')
  t.match(log.lines[2], /^info Redis at there is back/)
})
