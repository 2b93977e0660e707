import type { Http } from './http/http.ts'
import { undiciHttp } from './http/undici-http.ts'
import type { StreamableClientOptions } from './options.ts'
import { StreamableTransport } from './streamable/streamable-transport.ts'

const http = (): Http => undiciHttp()

/** {@inheritDoc StreamableTransport} In Node.js: with undici. */
export class StreamableHttpClient extends StreamableTransport {
  constructor (url: string | URL, options: StreamableClientOptions = {}) {
    super(url, options, http)
  }
}
