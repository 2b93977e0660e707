/** What a server is asked, and since which version of Redis it could have been. */
import { connect } from 'node:net'
import type { RedisServer } from './redis-server.ts'

/** Commands in capitals, of containers with their subcommand (`CLUSTER|SLOTS`), each with the words that followed it. */
export type Asked = Map<string, Set<string>>

/** The oldest version the storage promises to work with. */
const OLDEST = [6, 2, 0]

/** The client says its own name where the server takes that, and goes on where it does not. */
const OPTIONAL = new Set(['CLIENT|SETINFO'])

const CONTAINERS = new Set(['CLIENT', 'CLUSTER', 'COMMAND', 'CONFIG', 'SCRIPT'])
/** `1700000000.123456 [0 127.0.0.1:1234] "SET" "key"`; `lua` for an address where a script asks. */
const LINE = /^\+\d+\.\d+ \[\d+ (\S+)\] (.*)$/
const WORD = /"((?:[^"\\]|\\.)*)"/g

/** Writes down all that `server` is asked from now on, by clients and in scripts. */
export async function monitor (server: RedisServer): Promise<{ readonly asked: Asked, stop (): void }> {
  const asked: Asked = new Map()
  const socket = connect(server.port, '127.0.0.1')
  let rest = ''
  const begun = new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.on('data', data => {
      const lines = (rest + data.toString('latin1')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) note(asked, line)
      resolve()
    })
  })
  socket.write('MONITOR\r\n')
  await begun
  return { asked, stop: () => socket.destroy() }
}

function note (asked: Asked, line: string): void {
  const [, , words = ''] = LINE.exec(line) ?? []
  const [command = '', second = '', ...others] = [...words.matchAll(WORD)].map(([, word = '']) => word)
  if (command === '') return
  const isContainer = CONTAINERS.has(command.toUpperCase())
  const name = isContainer ? `${command}|${second}`.toUpperCase() : command.toUpperCase()
  const found = asked.get(name) ?? new Set()
  asked.set(name, found)
  for (const word of isContainer ? others : [second, ...others]) if (/^[a-z]{2,}$/i.test(word)) found.add(word.toUpperCase())
}

interface Described { readonly since?: string, readonly token?: string, readonly arguments?: readonly Described[] }

/** What of it Redis 6.2 did not know yet, by what this server says of its own commands: it must be 7 or later. */
export async function tooYoung (server: RedisServer, asked: Asked): Promise<string[]> {
  const young: string[] = []
  for (const [name, words] of asked) {
    if (OPTIONAL.has(name)) continue
    const [described] = Object.values(parse(await server.command('COMMAND', 'DOCS', name)))
    if (described?.since === undefined) young.push(`${name}, which this server does not describe`)
    else if (isYoung(described.since)) young.push(`${name} came with ${described.since}`)
    for (const { token, since } of flat(described?.arguments ?? [])) {
      if (token !== undefined && since !== undefined && isYoung(since) && words.has(token)) young.push(`${name} … ${token} came with ${since}`)
    }
  }
  return young
}

/** Arguments and those within; these are as old as what they stand in where nothing else is said. */
function flat (described: readonly Described[], inherited?: string): Described[] {
  return described.flatMap(each => {
    const since = each.since ?? inherited
    return [{ ...each, ...(since !== undefined && { since }) }, ...flat(each.arguments ?? [], since)]
  })
}

function isYoung (since: string): boolean {
  const version = since.split('.').map(Number)
  const [index, part] = [...version.entries()].find(([index, part]) => part !== OLDEST[index]) ?? []
  return index !== undefined && (part ?? 0) > (OLDEST[index] ?? 0)
}

/** A reply of RESP2 whose arrays are names and values by turns, or lists of such arrays. */
function parse (reply: string): Record<string, Described> {
  let at = 0
  const line = (): string => {
    const end = reply.indexOf('\r\n', at)
    const text = reply.slice(at, end === -1 ? undefined : end)
    at = end === -1 ? reply.length : end + 2
    return text
  }
  const value = (): unknown => {
    const head = line()
    const count = Number(head.slice(1))
    if (head.startsWith('*')) return Array.from({ length: Math.max(count, 0) }, value)
    if (!head.startsWith('$')) return head.slice(1)
    const text = reply.slice(at, at + count)
    at += count + 2
    return text
  }
  return named(value()) as Record<string, Described>
}

function named (value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const isMap = value.length % 2 === 0 && value.every((each, index) => index % 2 === 1 || typeof each === 'string')
  if (!isMap) return value.map(named)
  return Object.fromEntries(Array.from({ length: value.length / 2 }, (_, index) => [value[index * 2], named(value[index * 2 + 1])]))
}
