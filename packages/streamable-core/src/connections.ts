/** The connections of a server when it closes, for HTTP/1 and HTTP/2 alike. */
import { Server as HttpServer } from 'node:http'
import type { Http2Session } from 'node:http2'
import { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface Connections {
  /** Asks HTTP/2 clients to open no more streams; each connection ends with its last stream. HTTP/1 connections end by themselves. */
  finish (): void
  /** Ends every connection now. */
  cut (): void
}

/** Several endpoints of one server share what is known of it. */
const known = new WeakMap<object, Connections>()

/** Follows the connections of the server from now on. Costs nothing on HTTP/1, where Node.js does it. */
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
  return { finish () {}, cut: () => server.closeAllConnections() }
}

/** `closeAllConnections` does not exist on these servers, and before Node.js 24 `close()` leaves their sessions open. */
function http2 (fastify: FastifyInstance): Connections {
  const sockets = new Set<Socket>()
  const sessions = new Set<Http2Session>()
  const addSession = (session: Http2Session): void => {
    if (sessions.has(session) || session.destroyed) return
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  }
  fastify.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
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
