import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const folder = path.resolve(import.meta.dirname, '../../apps/reference-server')
const startMs = 30_000
const stopMs = 10_000

/** A reference server in a process of its own. */
export interface ReferenceServer {
  /** The MCP endpoint it printed. */
  url: string
  /** Asks it to end. Resolves when it has. */
  stop: () => Promise<void>
}

/**
 * Starts the built reference server on a free port, with its defaults.
 * @param env Variables of the reference server that differ from them.
 * @throws When it ends, or prints no endpoint in time; with what it printed.
 */
export async function startReferenceServer (env: Record<string, string> = {}): Promise<ReferenceServer> {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: folder,
    env: { ...environmentWithoutSettings(), LOG_LEVEL: 'warn', MCP_STORAGE: 'memory:', ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let exited = false
  child.once('exit', () => { exited = true })
  const stop = async () => {
    if (exited) return
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
    await exit
    clearTimeout(timer)
  }
  try {
    return { url: await printedUrl(child), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A developer's own PORT or MCP_PATH must not change what is judged. */
function environmentWithoutSettings (): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env)
  return Object.fromEntries(entries.filter(([name]) => !/^(MCP_.*|HOST|PORT|LOG_LEVEL)$/.test(name)))
}

function printedUrl (child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (reason: string) => {
      clearTimeout(timer)
      reject(new Error(`the reference server ${reason}. It printed:\n${output}`))
    }
    const timer = setTimeout(fail, startMs, `printed no endpoint in ${startMs} ms`)
    const read = (chunk: string) => {
      output += chunk
      const url = /https?:\/\/[\w.:[\]-]+\/mcp\b/.exec(output)?.[0]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    }
    // Both pipes stay read for as long as it runs: a full pipe would stop it.
    child.stdout?.setEncoding('utf8').on('data', read)
    child.stderr?.setEncoding('utf8').on('data', read)
    child.once('exit', code => fail(`ended with ${code}`))
    child.once('error', error => fail(`did not start: ${error.message}`))
  })
}
