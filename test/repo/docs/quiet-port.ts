import { createServer } from 'node:net'

/** Below the ports that systems give to outgoing connections, so that none takes it between now and its use. */
let next = 15_000 + Math.floor(Math.random() * 10_000)

/** A port of this machine that is free, and a different one each time. */
export async function quietPort (): Promise<number> {
  for (;;) {
    const port = next++
    if (await isFree(port)) return port
  }
}

function isFree (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => { server.close(() => resolve(true)) })
  })
}
