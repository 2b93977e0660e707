import { MCP_CLIENT_ABORTED } from '../errors.ts'
import { httpFailure, type Http, type HttpCall, type HttpReply, type HttpRequest } from './http.ts'

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
  const running = new Set<AbortController>()
  return {
    request: request => call(app, request, running),
    close: async () => {
      for (const controller of running) controller.abort()
    }
  }
}

function call (app: Injectable, { method, url, headers, body }: HttpRequest, running: Set<AbortController>): HttpCall {
  const controller = new AbortController()
  running.add(controller)
  const failed = (error: unknown) => {
    running.delete(controller)
    return controller.signal.aborted ? new MCP_CLIENT_ABORTED() : httpFailure(error)
  }
  const send = async (): Promise<HttpReply> => {
    const request: InjectRequest = {
      method,
      url: url.href,
      headers: { host: url.host, ...headers },
      payloadAsStream: true,
      signal: controller.signal,
      ...(body !== undefined && { payload: body })
    }
    try {
      return replyOf(await app.inject(request), controller.signal, failed, () => running.delete(controller))
    } catch (error) {
      throw failed(error)
    }
  }
  return { reply: send(), abort: () => controller.abort() }
}

function replyOf (reply: InjectReply, signal: AbortSignal, failed: (error: unknown) => Error, done: () => void): HttpReply {
  return {
    status: reply.statusCode,
    header: name => {
      const value = reply.headers[name]
      return value === undefined ? undefined : String(value)
    },
    read: async onChunk => {
      const stream = reply.stream()
      signal.addEventListener('abort', () => stream.destroy(), { once: true })
      try {
        for await (const chunk of stream) onChunk(chunk)
      } catch (error) {
        throw failed(error)
      }
      if (signal.aborted) throw failed(signal.reason)
      done()
    }
  }
}
