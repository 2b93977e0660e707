/** The connections of a server when it closes, for HTTP/1 and HTTP/2 alike. */
import { Server as HttpServer } from 'node:http'
import type { Http2Session } from 'node:http2'
import { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface Connections {
  /**
   * Ends what nothing is served on: connections that never sent a byte, which Node.js keeps. Asks HTTP/2 clients to open no more streams;
   * each connection ends with its last stream.
   */
  finish (): void
  /** Ends every connection now. */
  cut (): void
}

/** Until a connection that sent nothing is ended when the server closes, milliseconds. */
const UNUSED_MS = 100

/** Several endpoints of one server share what is known of it. */
const known = new WeakMap<object, Connections>()

/** Follows the connections of the server from now on. */
export function trackConnections (fastify: FastifyInstance): Connections {
  const server: object = fastify.server
  const connections = known.get(server) ?? (isHttp1(server) ? http1(server) : http2(fastify))
  known.set(server, connections)
  return connections
}

function isHttp1 (server: object): server is HttpServer | HttpsServer {
  return server instanceof HttpServer || server instanceof HttpsServer
}

function http1 (server: HttpServer | HttpsServer): Connections {
  const sockets = trackSockets(server)
  return {
    finish: () => endUnused(sockets),
    cut () {
      server.closeAllConnections()
      // Node.js does not count a TCP connection that never began its TLS handshake.
      if (server instanceof HttpsServer) for (const socket of sockets) socket.destroy()
    }
  }
}

function trackSockets (server: { on (event: 'connection', listener: (socket: Socket) => void): unknown }): Set<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** What a client sent at the last moment has a little time to arrive. */
function endUnused (sockets: ReadonlySet<Socket>): void {
  setTimeout(() => {
    for (const socket of sockets) {
      if (socket.bytesRead === 0) socket.destroy()
    }
  }, UNUSED_MS).unref()
}

/** `closeAllConnections` does not exist on these servers, and before Node.js 24 `close()` leaves their sessions open. */
function http2 (fastify: FastifyInstance): Connections {
  const sockets = trackSockets(fastify.server)
  const sessions = new Set<Http2Session>()
  const addSession = (session: Http2Session): void => {
    if (sessions.has(session) || session.destroyed) return
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  }
  fastify.server.on('session', addSession)
  // Fastify listens with further servers where `localhost` has several addresses; only their requests tell of their sessions.
  fastify.addHook('onRequest', (request, _reply, done) => {
    const session = sessionOf(request.raw)
    if (session !== undefined) addSession(session)
    done()
  })
  return {
    finish () {
      for (const session of sessions) session.close()
      endUnused(sockets)
    },
    cut () {
      for (const session of sessions) session.destroy()
      for (const socket of sockets) socket.destroy()
    }
  }
}

/** The session of an HTTP/2 request; `undefined` for HTTP/1 on the same port, and when the stream is already closed. */
function sessionOf (raw: object): Http2Session | undefined {
  return 'stream' in raw ? (raw as { stream: { session?: Http2Session } }).stream.session : undefined
}
