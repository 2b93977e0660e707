import { subscribe } from 'node:diagnostics_channel'
import { Server as HttpServer, type ServerResponse } from 'node:http'
import { Server } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Servers that programs of this process have opened. */
export interface OpenServers {
  /**
   * Ends those that listen; with `all`, applications that are only prepared too.
   * Answers how many requests had been answered well over sockets since the last time.
   */
  end: (all?: boolean) => Promise<number>
}

/** Watches from now on; programs need to do nothing for it. */
export function openServers (): OpenServers {
  const apps = new Set<FastifyInstance>()
  const servers = new Set<Server>()
  const responses: ServerResponse[] = []
  subscribe('fastify.initialization', message => { apps.add((message as { fastify: FastifyInstance }).fastify) })
  subscribe('http.server.request.start', message => { responses.push((message as { response: ServerResponse }).response) })
  const listen = Server.prototype.listen
  Server.prototype.listen = function (this: Server, ...parameters: unknown[]): Server {
    servers.add(this)
    return Reflect.apply(listen, this, parameters)
  }
  return {
    async end (all = false) {
      const answered = responses.splice(0).filter(({ headersSent, statusCode }) => headersSent && statusCode < 300).length
      const ending = [...apps].filter(app => all || app.server.listening)
      for (const app of ending) apps.delete(app)
      await Promise.all(ending.map(app => app.close()))
      for (const server of servers) {
        if (server instanceof HttpServer) server.closeAllConnections()
        server.close()
      }
      servers.clear()
      return answered
    }
  }
}
