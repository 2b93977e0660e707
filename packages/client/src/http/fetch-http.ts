import { abortableHttp } from './abortable-http.ts'
import { httpFailure, type Http } from './http.ts'

/** A `fetch` as browsers, Deno, Bun and Node.js have it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * For their cache, browsers let a GET wait for another one of the same URL: a resumed stream for the end of the standalone one. Nothing
 * else gets this: past the cache, they ask anew before each request whether another origin allows it.
 */
const PAST_CACHE = { cache: 'no-store' } as const

/**
 * HTTP by `fetch`.
 * @param init What every request gets beside what the transport sets, such as `credentials`.
 */
export function fetchHttp (fetch: Fetch = (url, init) => globalThis.fetch(url, init), init: RequestInit = {}): Http {
  return abortableHttp(async ({ method, url, headers, body = null }, signal) => {
    const response = await fetch(url.href, { ...(method === 'GET' && PAST_CACHE), ...init, method, headers, body, signal, redirect: 'manual' }).catch((error: unknown) => {
      throw httpFailure(error, possibleReasons())
    })
    return {
      status: response.status,
      header: name => response.headers.get(name) ?? undefined,
      read: async onChunk => {
        const reader = response.body?.getReader()
        for (let chunk = await reader?.read(); chunk?.done === false; chunk = await reader?.read()) onChunk(chunk.value)
      }
    }
  })
}

/** Pages are not told why a request failed, so that they cannot look around in a network: refused by CORS looks like no server. */
function possibleReasons (): string | undefined {
  const { location } = globalThis as { readonly location?: { readonly origin?: unknown } }
  return typeof location?.origin === 'string'
    ? `(the browser does not say why: the server cannot be reached, or does not allow pages of ${location.origin})`
    : undefined
}
