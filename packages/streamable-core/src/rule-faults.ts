/** What is wrong with entries of `allowedHosts`, `allowedOrigins` and `revisions` that would never match anything. Pure. */
import { isRevision, REVISIONS } from '@mcp/protocol'

const HOST = /^(?:\*\.)?[^\s/?#@*,]+$/
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*,]+$/i
const SCHEME = /^[a-z][a-z\d+.-]*:\/\/\*$/i

/** The first fault of a list of host names, or `undefined`. */
export function hostsFault (rule: unknown): string | undefined {
  return faultOf(rule, 'a host name', entry => {
    if (entry === '*') return undefined
    // A port is not compared below a wildcard.
    if (HOST.test(entry) && URL.canParse(`ws://${entry.replace('*.', '')}`) && !/^\*\..*:\d*$/.test(entry)) return undefined
    const host = hostOf(entry.includes('://') ? entry : `ws://${entry}`)
    return host === undefined ? 'a name such as "example.com", "example.com:8080" or "*.example.com"' : `"${host}"`
  })
}

/** The first fault of a list of origins, or `undefined`. */
export function originsFault (rule: unknown): string | undefined {
  return faultOf(rule, 'an origin that a browser sends', entry => {
    if (entry === '*' || SCHEME.test(entry)) return undefined
    const origin = ORIGIN.test(entry) ? originOf(entry) : undefined
    if (origin === entry.toLowerCase()) return undefined
    if (entry.includes('*')) return 'a function (origin) => boolean for patterns'
    if (entry === 'null') return 'a function (origin) => boolean for pages without an origin'
    const fixed = origin ?? (entry.includes('://') ? originOf(entry) : originOf(`${isLocal(entry) ? 'http' : 'https'}://${entry}`))
    return fixed === undefined ? 'an origin such as "https://app.example.com"' : `"${fixed}"`
  })
}

/** The first entry of a list of revisions that is not one, or `undefined`. */
export function revisionsFault (list: unknown): string | undefined {
  return faultOf(list, 'a revision', entry => isRevision(entry) ? undefined : `one of ${REVISIONS.join(', ')}`)
}

/** `fixOf` answers what to write instead of an entry; `undefined` for one that may stay. */
function faultOf (list: unknown, kind: string, fixOf: (entry: string) => string | undefined): string | undefined {
  if (!Array.isArray(list)) return undefined
  for (const entry of list) {
    const fix = fixOf(String(entry))
    if (fix !== undefined) return `has ${JSON.stringify(String(entry).slice(0, 60))}, which is not ${kind}; write ${fix}`
  }
  return undefined
}

/** Scheme, host and port as browsers write them: without the scheme's own port, without a path. */
function originOf (text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, host } = new URL(text)
  return host === '' ? undefined : `${protocol}//${host}`
}

function hostOf (text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { host, hostname } = new URL(text)
  if (hostname.startsWith('*.') && !hostname.slice(1).includes('*')) return hostname
  return host === '' || host.includes('*') ? undefined : host
}

function isLocal (text: string): boolean {
  return /^(?:localhost|127\.|\[::1\])/i.test(text)
}
