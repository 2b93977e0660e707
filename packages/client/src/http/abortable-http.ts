import { MCP_CLIENT_ABORTED } from '../errors.ts'
import { httpFailure, type Http, type HttpReply, type HttpRequest } from './http.ts'

/** HTTP by something that takes an `AbortSignal`. */
export function abortableHttp (send: (request: HttpRequest, signal: AbortSignal) => Promise<HttpReply>): Http {
  const running = new Set<AbortController>()
  return {
    request: request => {
      const controller = new AbortController()
      running.add(controller)
      const { signal } = controller
      const failed = (error: unknown): never => {
        running.delete(controller)
        throw signal.aborted ? new MCP_CLIENT_ABORTED() : httpFailure(error)
      }
      const reply = send(request, signal).then(({ status, header, read }): HttpReply => ({
        status,
        header,
        read: onChunk => read(onChunk).then(() => { running.delete(controller) }, failed)
      }), failed)
      return { reply, abort: () => controller.abort() }
    },
    close: async () => { for (const controller of running) controller.abort() }
  }
}
