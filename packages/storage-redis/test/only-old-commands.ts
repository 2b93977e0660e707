import { tooYoung, type Asked } from './monitor.ts'
import type { RedisServer } from './redis-server.ts'
import type { Test } from 'tap'

/** Fails for every command, and every word of one, that came after Redis 6.2. An older server is proof by itself. */
export async function onlyOldCommands (t: Test, server: RedisServer, asked: Asked): Promise<void> {
  for (const name of ['EVAL', 'HSET', 'PEXPIRE', 'RPUSH', 'ZADD']) t.ok(asked.has(name) || asked.has(`${name}SHA`), `${name} was asked`)
  if (!(await server.command('COMMAND', 'DOCS', 'GET')).startsWith('*2')) return t.comment('this server does not describe its commands')
  t.strictSame(await tooYoung(server, asked), [])
  t.strictSame(await tooYoung(server, new Map([['EXPIRETIME', new Set<string>()], ['PEXPIRE', new Set(['NX'])]])), [
    'EXPIRETIME came with 7.0.0', 'PEXPIRE … NX came with 7.0.0'
  ], 'it would tell')
}
