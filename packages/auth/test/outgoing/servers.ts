import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type LookupFunction, type Server, type Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import { createOutgoing } from '../../src/outgoing/outgoing.ts'
import type { RequestListener } from 'node:http'
import type { Test } from 'tap'
import type { Outgoing, OutgoingOptions } from '../../src/outgoing/outgoing.ts'
import type { Wiring } from '../../src/outgoing/connector.ts'

export interface Running {
  readonly port: number
  /** Connections that were ever opened to it. */
  readonly connections: () => number
  /** The most that were ever open together. */
  readonly atOnce: () => number
}

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')

/** The certificate of `localhost` and `127.0.0.1`; nobody else signed it. */
export const certificate = fixture('localhost-certificate.pem')

export function httpServer (t: Test, listener: RequestListener, host = '127.0.0.1'): Promise<Running> {
  return running(t, createServer(listener), host)
}

export function tlsServer (t: Test, listener: RequestListener): Promise<Running> {
  return running(t, createTlsServer({ cert: certificate, key: fixture('localhost-key.pem') }, listener))
}

/** Speaks whatever the test wants, once bytes arrive. */
export function tcpServer (t: Test, speak: (socket: Socket) => void): Promise<Running> {
  return running(t, createTcpServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => speak(socket))
  }))
}

async function running (t: Test, server: Server, host = '127.0.0.1'): Promise<Running> {
  const sockets = new Set<Socket>()
  let opened = 0
  let atOnce = 0
  server.on('connection', (socket: Socket) => {
    opened++
    atOnce = Math.max(atOnce, sockets.add(socket).size)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => { server.listen(0, host, resolve) })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => { server.close(resolve) })
  })
  return { port: (server.address() as AddressInfo).port, connections: () => opened, atOnce: () => atOnce }
}

export function outgoing (t: Test, options: OutgoingOptions, wiring?: Wiring): Outgoing {
  const made = createOutgoing(options, wiring)
  t.teardown(() => made.close())
  return made
}

/** A resolver that answers from a list, the last one for ever; `asked` counts. */
export function resolver (...answers: string[][]): { lookup: LookupFunction, asked: () => number } {
  let asked = 0
  const lookup: LookupFunction = (_hostname, _options, callback) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? []
    setImmediate(() => callback(null, addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))))
  }
  return { lookup, asked: () => asked }
}
