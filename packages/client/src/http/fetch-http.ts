import { MCP_CLIENT_ABORTED } from '../errors.ts'
import { httpFailure, type Http, type HttpCall, type HttpReply, type HttpRequest } from './http.ts'

/** A `fetch` as browsers, Deno, Bun and Node.js have it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * HTTP by `fetch`.
 * @param init What every request gets beside what the transport sets, such as `credentials`.
 */
export function fetchHttp (fetch: Fetch = (url, init) => globalThis.fetch(url, init), init: RequestInit = {}): Http {
  const running = new Set<AbortController>()
  return {
    request: request => call(fetch, init, request, running),
    close: async () => {
      for (const controller of running) controller.abort()
    }
  }
}

function call (fetch: Fetch, init: RequestInit, { method, url, headers, body }: HttpRequest, running: Set<AbortController>): HttpCall {
  const controller = new AbortController()
  running.add(controller)
  const failed = (error: unknown, hint?: string) => {
    running.delete(controller)
    return controller.signal.aborted ? new MCP_CLIENT_ABORTED() : httpFailure(error, hint)
  }
  const send = async (): Promise<HttpReply> => {
    const own: RequestInit = { method, headers, signal: controller.signal, redirect: 'manual' }
    try {
      const response = await fetch(url.href, { ...init, ...own, ...(body !== undefined && { body }) })
      return replyOf(response, failed, () => running.delete(controller))
    } catch (error) {
      throw failed(error, possibleReasons())
    }
  }
  return { reply: send(), abort: () => controller.abort() }
}

/** Pages are not told why a request failed, so that they cannot look around in a network: refused by CORS looks like no server. */
function possibleReasons (): string | undefined {
  const { location } = globalThis as { readonly location?: { readonly origin?: unknown } }
  return typeof location?.origin === 'string'
    ? `(the browser does not say why: the server cannot be reached, or does not allow pages of ${location.origin})`
    : undefined
}

function replyOf (response: Response, failed: (error: unknown) => Error, done: () => void): HttpReply {
  return {
    status: response.status,
    header: name => response.headers.get(name) ?? undefined,
    read: async onChunk => {
      const reader = response.body?.getReader()
      for (;;) {
        const chunk = await reader?.read().catch((error: unknown) => { throw failed(error) })
        if (chunk === undefined || chunk.done) return done()
        onChunk(chunk.value)
      }
    }
  }
}
