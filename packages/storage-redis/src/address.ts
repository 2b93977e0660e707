/** Where a Redis is, taken from a URL. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
  readonly db?: number
  readonly tls?: object
}

/** `redis://user:password@host:port/db`, or `rediss://` for TLS; `null` when the text is nothing of the kind. */
export function parseRedisUrl (text: string): RedisAddress | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text)
  if ((protocol !== 'redis:' && protocol !== 'rediss:') || hostname === '') return null
  if (!/^(\/\d{0,4})?$/.test(pathname) || search !== '' || hash !== '') return null
  const db = pathname.slice(1)
  try {
    return {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? 6379 : Number(port),
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(db === '' ? {} : { db: Number(db) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {})
    }
  } catch {
    return null
  }
}
