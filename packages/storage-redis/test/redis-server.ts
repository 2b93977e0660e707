/** A real Redis (or Valkey) for tests: started on a free port in a directory of its own, killed, restarted, paused. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { installPackage, runs } from './debian.ts'

const HOW_TO_INSTALL = 'redis-server is missing: install Debian\'s package redis-server (or put redis-server or valkey-server on the PATH)'
const START_MS = 20_000
/** For tests that are not about time: the machine may have other things to do. */
export const PATIENT = { timeoutMs: 10_000 }

export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Where its data and its append-only file are. */
  readonly directory: string
  readonly pid: number | undefined
  /** Starts it again on the same port with the same data. */
  start (): Promise<void>
  /** SIGKILL: nothing is saved on the way out. */
  kill (): Promise<void>
  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause (): void
  /** SIGCONT. */
  resume (): void
  /** Kills it and removes its data. */
  close (): Promise<void>
  /** One command of words without blanks; answers the reply as it comes over the wire, without the last line end. */
  command (...words: readonly string[]): Promise<string>
}

/** The program to start, the one `MCP_REDIS_SERVER` names before others; `null` where there is none and it may not be installed. */
export function findRedisServer (): string | null {
  const { MCP_REDIS_SERVER } = process.env
  if (MCP_REDIS_SERVER !== undefined) return MCP_REDIS_SERVER
  const found = () => ['redis-server', 'valkey-server'].find(candidate => runs(candidate, '--version')) ?? null
  if (found() === null) installPackage('redis-server')
  return found()
}

/** Why tests that need Redis cannot run, for their report; `false` where they can. */
export function redisIsMissing (): string | false {
  return findRedisServer() === null ? HOW_TO_INSTALL : false
}

/**
 * @param settings further settings, as on its command line without the dashes: `{ 'cluster-enabled': 'yes' }`.
 * @param sentinel the port of the master it watches under the name `master`, where it is to be a Sentinel.
 */
export async function startRedisServer (settings: Readonly<Record<string, string | number>> = {}, sentinel?: number): Promise<RedisServer> {
  const program = findRedisServer()
  if (program === null) throw new Error(HOW_TO_INSTALL)
  const directory = await mkdtemp(join(tmpdir(), 'mcp-redis-'))
  const port = Number(settings['port'] ?? await freePort())
  const all = {
    port, bind: '127.0.0.1', dir: directory, save: '""', appendonly: 'yes', appendfsync: 'always', 'protected-mode': 'no', ...settings
  }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, ...String(value).split(' ').map(word => word === '""' ? '' : word)])
  if (sentinel !== undefined) {
    // A Sentinel insists on a file it can write.
    const file = join(directory, 'sentinel.conf')
    const watch = [`monitor master 127.0.0.1 ${sentinel} 1`, 'down-after-milliseconds master 500', 'failover-timeout master 2000']
    await writeFile(file, watch.map(line => `sentinel ${line}\n`).join(''))
    args.unshift(file, '--sentinel')
  }
  let child: ChildProcess | null = null
  let guard: ChildProcess | null = null

  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    directory,
    get pid () { return child?.pid },
    async start () {
      const started = child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
      guard = guardOf(started)
      const deadline = Date.now() + START_MS
      while (!/^(\+PONG|-NOAUTH)/.test(await server.command('PING').catch(() => ''))) {
        if (started.exitCode !== null || Date.now() > deadline) {
          await server.close()
          throw new Error(`${program} did not start on port ${port}`)
        }
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    },
    async kill () {
      const running = child
      child = null
      guard?.kill('SIGKILL')
      if (running === null || running.exitCode !== null || running.signalCode !== null) return
      const gone = new Promise(resolve => running.once('exit', resolve))
      running.kill('SIGKILL')
      await gone
    },
    pause () { child?.kill('SIGSTOP') },
    resume () { child?.kill('SIGCONT') },
    async close () {
      await server.kill()
      await rm(directory, { recursive: true, force: true })
    },
    command: (...words) => command(port, words)
  }
  await server.start()
  return server
}

/** Ends the server when this process ends, in whatever way: the guard's input closes with it. */
function guardOf ({ pid }: ChildProcess): ChildProcess {
  return spawn('sh', ['-c', `cat > /dev/null; kill -KILL ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] })
}

function command (port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // The answer to PING says that the one before is complete.
    const socket = connect(port, '127.0.0.1', () => socket.write(`${words.join(' ')}\r\nPING\r\n`))
    let reply = ''
    socket.setTimeout(2000, () => socket.destroy(new Error('no reply')))
    socket.on('data', data => {
      reply += data.toString()
      if (reply.endsWith('+PONG\r\n') || reply.startsWith('-NOAUTH')) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(reply.replace(/\r\n\+PONG\r\n$/, '')))
  })
}

/** Low enough that the port of the cluster bus, 10,000 higher, exists too. */
export async function freePort (): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 30_000)
    if (await isFree(port) && await isFree(port + 10_000)) return port
  }
}

function isFree (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
