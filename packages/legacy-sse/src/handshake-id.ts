/**
 * What a client said in `initialize`, as the id of an event. Clients of the official SDK open a lost stream again by themselves and never
 * initialize a second time; the id comes back in `Last-Event-ID`, on whichever node. It tells nothing that the client could not say anyway,
 * so it needs no proof.
 */
import { eraOf, isObject, isRevision, type InitializeParams, type Revision } from '@mcp/protocol'
import { randomBytes } from 'node:crypto'

const PREFIX = 'h.'
/** Header fields are small. A client that says more in `initialize` is served without its capabilities when it comes back. */
const MAX_CHARACTERS = 4 * 1024

/** What stands in such an id. */
export interface KnownHandshake {
  readonly revision: Revision
  readonly handshake: InitializeParams
}

/** The id; `null` where it would be too long. */
export function handshakeId ({ revision, handshake }: KnownHandshake): string | null {
  const { capabilities, clientInfo } = handshake
  // Unlike every other id: clients may leave out an event whose id they have seen.
  const told = Buffer.from(JSON.stringify([revision, capabilities, clientInfo])).toString('base64url')
  const id = `${PREFIX}${randomBytes(6).toString('base64url')}.${told}`
  return id.length > MAX_CHARACTERS ? null : id
}

/** The handshake of such an id; `null` for everything else. */
export function handshakeOf (id: string | undefined, served: readonly Revision[]): KnownHandshake | null {
  if (id === undefined || !id.startsWith(PREFIX) || id.length > MAX_CHARACTERS) return null
  const told = parsed(Buffer.from(id.slice(id.lastIndexOf('.') + 1), 'base64url').toString())
  if (!Array.isArray(told)) return null
  const [revision, capabilities, clientInfo] = told as unknown[]
  if (!isRevision(revision) || eraOf(revision) !== 'legacy' || !served.includes(revision)) return null
  if (!isObject(capabilities) || !isObject(clientInfo)) return null
  if (typeof clientInfo.name !== 'string' || typeof clientInfo.version !== 'string') return null
  return { revision, handshake: { protocolVersion: revision, capabilities, clientInfo } }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
