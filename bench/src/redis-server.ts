/** A real Redis (or Valkey) of the bench's own, on a free port of the loopback interface. */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { storeCommand } from './pin.ts'
import type { Pinning } from './pin.ts'

const START_MS = 20_000
const PONG = '+PONG'

/** What the table says where there is none. */
export const REDIS_MISSING = 'install redis-server'

export class RedisServer {
  readonly #process: ChildProcess
  readonly url: string

  private constructor (process: ChildProcess, url: string) {
    this.#process = process
    this.url = url
  }

  /** Keeps its data in `folder`, with an append-only file synced every second; `null` where Redis is not installed. */
  static async start (folder: string, pinning: Pinning): Promise<RedisServer | null> {
    const program = redisProgram()
    if (program === undefined) return null
    const port = await freePort()
    const [command, ...args] = storeCommand(pinning, program)
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec']
    const child = spawn(command, [...args, ...settings], { stdio: ['ignore', 'ignore', 'inherit'] })
    endWithUs(child)
    const server = new RedisServer(child, `redis://127.0.0.1:${port}`)
    const deadline = Date.now() + START_MS
    while (!await answers(port)) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await server.stop()
        throw new Error(`${program} did not start on port ${port}`)
      }
      await sleep(20)
    }
    return server
  }

  async stop (): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = new Promise(resolve => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await gone
  }
}

export function redisProgram (): string | undefined {
  return ['redis-server', 'valkey-server'].find(isInstalled)
}

/** A shell that kills the server when its input closes, which it does when this process ends, in whatever way. */
function endWithUs (child: ChildProcess): void {
  const guard = spawn('sh', ['-c', `cat > /dev/null; kill -KILL ${child.pid}`], { stdio: ['pipe', 'ignore', 'ignore'] })
  child.once('exit', () => guard.kill('SIGKILL'))
}

function isInstalled (program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function answers (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', data => {
      resolve(data.toString().startsWith(PONG))
      socket.destroy()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(false))
  })
}

function freePort (): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
