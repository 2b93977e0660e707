import * as Header from '@mcp/protocol/header'
import { MCP_CLIENT_BAD_OPTION } from '../errors.ts'

type Fields = Readonly<Record<string, string>>

/** Fields the transport owns (I-30). */
const OWN: ReadonlySet<string> = new Set([
  'accept', 'content-type', 'content-length', 'host', 'connection', 'transfer-encoding',
  Header.SessionId, Header.ProtocolVersion, Header.LastEventId, Header.Method, Header.Name
])

/** Fields of a user for every request, by name in lower case. @throws MCP_CLIENT_BAD_OPTION */
export function usersHeaders (given: Fields = {}): Fields {
  return lowerCased(given, (name, as) => {
    if (OWN.has(name) || name.startsWith(Header.ParamPrefix)) throw new MCP_CLIENT_BAD_OPTION(`headers.${as} belongs to the transport`)
    return true
  })
}

/** What a caller wants to send with one message, without what is the transport's. `Mcp-Param-*` may come from a caller who knows better. */
export function callersHeaders (given: Fields = {}): Fields {
  return lowerCased(given, name => !OWN.has(name) && name !== 'authorization')
}

function lowerCased (given: Fields, keep: (name: string, as: string) => boolean): Fields {
  const kept = Object.entries(given).filter(([name]) => keep(name.toLowerCase(), name))
  return Object.fromEntries(kept.map(([name, value]) => [name.toLowerCase(), value]))
}
