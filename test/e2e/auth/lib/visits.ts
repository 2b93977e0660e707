/** One HTTP request of a client, to the resource or to its issuer. */
export interface Visit {
  readonly method: string
  readonly url: URL
  readonly authorization: string | null
  readonly body: string
  readonly status: number
  readonly headers: Headers
}

/** A `fetch` for clients that remembers where they went. */
export class Visits {
  readonly all: Visit[] = []

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(input, init)
    const { body } = init
    this.all.push({
      method: init.method ?? 'GET',
      url: new URL(input instanceof Request ? input.url : input),
      authorization: new Headers(init.headers).get('authorization'),
      body: typeof body === 'string' || body instanceof URLSearchParams ? String(body) : '',
      status: response.status,
      headers: response.headers
    })
    return response
  }

  to (path: string): Visit[] {
    return this.all.filter(({ url }) => url.pathname === path)
  }

  /** What was asked for, as `GET /path 200`. */
  get lines (): string[] {
    return this.all.map(({ method, url, status }) => `${method} ${url.pathname} ${status}`)
  }
}
