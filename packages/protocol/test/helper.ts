/** Requests as the ladder sees them. */
import { climb, type LadderPolicy, type Verdict } from '../src/index.ts'

export const DUAL: LadderPolicy = {
  revisions: ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'], sessions: true, strictAccept: false, maxBatch: 50
}
export const MODERN_ONLY: LadderPolicy = { ...DUAL, revisions: ['2026-07-28'] }
export const LEGACY_ONLY: LadderPolicy = { ...DUAL, revisions: ['2025-03-26', '2025-06-18', '2025-11-25'] }
export const SESSIONLESS: LadderPolicy = { ...DUAL, sessions: false }
export const STRICT: LadderPolicy = { ...DUAL, strictAccept: true }

export type Fields = Record<string, string | undefined>

/** What every proper POST carries. */
export const POST_FIELDS: Fields = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** A valid envelope, with parts replaced. */
export function envelope (parts: object = {}): Record<string, unknown> {
  return { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {}, ...parts }
}

export const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
export const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities'
export const CLIENT_KEY = 'io.modelcontextprotocol/clientInfo'

export function request (method: string, params?: object, id: unknown = 7): object {
  return params === undefined ? { jsonrpc: '2.0', id, method } : { jsonrpc: '2.0', id, method, params }
}

export function notification (method: string, params?: object): object {
  return params === undefined ? { jsonrpc: '2.0', method } : { jsonrpc: '2.0', method, params }
}

/** A request with its envelope. */
export function enveloped (method: string, params: object = {}, meta: object = envelope()): object {
  return request(method, { ...params, _meta: meta })
}

/** The headers a modern client mirrors. */
export function mirrored (method: string, name?: string, version: string = '2026-07-28'): Fields {
  return { 'mcp-protocol-version': version, 'mcp-method': method, ...(name === undefined ? {} : { 'mcp-name': name }) }
}

/** Names and values in turn, as received. */
export function raw (fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, value]) => value === undefined ? [] : [name, value])
}

/** The verdict over a POST with all it needs, save for what `fields` replaces or, with `undefined`, removes. */
export function post (body: unknown, fields: Fields = {}, policy: LadderPolicy = DUAL, rawHeaders?: readonly string[]): Verdict {
  const headers = { ...POST_FIELDS, ...fields }
  return climb('POST', headers, rawHeaders ?? raw(headers), body, policy)
}

/** A verdict without the parts a row does not state. */
export function outline (verdict: Verdict): Record<string, unknown> {
  if (verdict.kind !== 'refused') return { kind: verdict.kind }
  const { status, code, id } = verdict
  return id === undefined ? { status, code } : { status, code, id }
}
