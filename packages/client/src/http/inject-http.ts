import { abortableHttp } from './abortable-http.ts'
import type { Http } from './http.ts'

/** What an in-process application needs to have; a Fastify instance has it. */
export interface Injectable {
  inject (request: InjectRequest): PromiseLike<InjectReply>
}

export interface InjectRequest {
  method: 'GET' | 'POST' | 'DELETE'
  url: string
  headers: Record<string, string>
  payload?: string
  payloadAsStream: true
  signal: AbortSignal
}

export interface InjectReply {
  statusCode: number
  headers: Record<string, string | number | string[] | undefined>
  stream (): AsyncIterable<Uint8Array> & { destroy (): unknown }
}

/** HTTP to an application in the same process, without a port: `injectHttp(fastify)`. */
export function injectHttp (app: Injectable): Http {
  return abortableHttp(async ({ method, url, headers, body }, signal) => {
    const reply = await app.inject({
      method,
      url: url.href,
      headers: { host: url.host, ...headers },
      payloadAsStream: true,
      signal,
      ...(body !== undefined && { payload: body })
    })
    return {
      status: reply.statusCode,
      header: name => reply.headers[name]?.toString(),
      read: async onChunk => {
        const stream = reply.stream()
        signal.addEventListener('abort', () => stream.destroy(), { once: true })
        for await (const chunk of stream) onChunk(chunk)
        signal.throwIfAborted()
      }
    }
  })
}
