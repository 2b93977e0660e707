/** How the authorization server is asked, and how we say who asks (RFC 7662 §2.1, RFC 6749 §2.3.1). */
import type { JsonObject } from '@mcp/protocol'
import type { Outgoing } from '../outgoing/index.ts'
import { introspectionBody } from './response.ts'

export interface IntrospectionEndpoint {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where the client's name and secret go. */
  readonly clientAuthentication: 'basic' | 'post'
}

/** Rejections are those of `outgoing`, or `MCP_AUTH_UNAVAILABLE`. */
export async function introspect (outgoing: Outgoing, endpoint: IntrospectionEndpoint, token: string): Promise<JsonObject> {
  const { url, clientId, clientSecret, clientAuthentication } = endpoint
  const form = new URLSearchParams({ token, token_type_hint: 'access_token' })
  const headers: Record<string, string> = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
  if (clientAuthentication === 'basic') {
    headers.authorization = `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64')}`
  } else {
    form.set('client_id', clientId)
    form.set('client_secret', clientSecret)
  }
  return introspectionBody(await outgoing.request(url, { method: 'POST', headers, body: form.toString() }))
}

/** Both parts are form-encoded before they are joined. */
function encoded (text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
