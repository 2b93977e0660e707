/** A real nginx with the configuration of the docs, before nodes on ports of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '../../../../packages/storage-redis/test/redis-server.ts'
import { textOf } from '../../../lib/workspace.ts'
import { Child } from './child.ts'
import { findNginx } from './programs.ts'

const PAGE = 'docs/scaling.md'
const START_MS = 10_000

export interface Nginx {
  readonly url: string
  readonly process: Child
  start (): Promise<void>
  /** SIGKILL: every connection through it breaks, and the nodes live on. */
  kill (): Promise<void>
  /** Kills it and removes its files. */
  close (): Promise<void>
}

/** @param page where the configuration is; default: the guide that the chaos follows */
export async function startNginx (nodePorts: readonly number[], page?: string): Promise<Nginx> {
  const program = findNginx()
  if (program === null) throw new Error('nginx is missing')
  const directory = await mkdtemp(path.join(tmpdir(), 'mcp-nginx-'))
  const port = await freePort()
  await writeFile(path.join(directory, 'mcp.conf'), configuration(nodePorts, port, page))
  await writeFile(path.join(directory, 'nginx.conf'), surroundings(directory))
  const child = new Child(program, ['-p', directory, '-c', path.join(directory, 'nginx.conf')])
  const nginx: Nginx = {
    url: `http://127.0.0.1:${port}/mcp`,
    process: child,
    async start () {
      await child.start()
      await listening(port, child)
    },
    kill: async () => { await child.end('SIGKILL') },
    async close () {
      await nginx.kill()
      await rm(directory, { recursive: true, force: true })
    }
  }
  await nginx.start()
  return nginx
}

/** The example of the docs, with the ports of a test in place of its own. */
export function configuration (nodePorts: readonly number[], port: number, page = textOf(PAGE)): string {
  const example = /^```nginx\n(.*?)^```$/ms.exec(page)?.[1]
  if (example === undefined) throw new Error(`${PAGE} has no nginx example`)
  const ports = [...nodePorts]
  const servers = example.match(/server 127\.0\.0\.1:\d+/g) ?? []
  if (servers.length !== ports.length) throw new Error(`the example of ${PAGE} has ${servers.length} nodes, not ${ports.length}`)
  return example.replace(/server 127\.0\.0\.1:\d+/g, () => `server 127.0.0.1:${ports.shift()}`).replace(/listen \d+/, `listen 127.0.0.1:${port}`)
}

/** What a distribution's own `nginx.conf` says around it. One process, so that one kill ends it. */
function surroundings (directory: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `  ${name}_temp_path ${directory}/${name};`)
  return [
    'daemon off;', 'master_process off;', `pid ${directory}/nginx.pid;`, 'error_log stderr crit;', 'events { worker_connections 4096; }',
    'http {', '  access_log off;', ...temporary, `  include ${directory}/mcp.conf;`, '}', ''
  ].join('\n')
}

async function listening (port: number, child: Child): Promise<void> {
  const deadline = Date.now() + START_MS
  while (!await accepts(port)) {
    if (!child.alive || Date.now() > deadline) throw new Error(`nginx does not listen:\n${child.output}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

function accepts (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
