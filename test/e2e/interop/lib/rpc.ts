/** Messages as people write them who use no SDK. */
import { MetaKey, type JsonObject } from '@mcp/protocol'

export const LEGACY = '2025-11-25'
export const MODERN = '2026-07-28'

export const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' }

export function initialize (protocolVersion = LEGACY): JsonObject {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'by hand', version: '0' } }
  return { jsonrpc: '2.0', id: 'init', method: 'initialize', params }
}

export function toolCall (name: string, input: JsonObject = {}, meta: JsonObject = {}): JsonObject {
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input, _meta: meta } }
}

export function modernToolCall (name: string, input: JsonObject = {}, meta: JsonObject = {}): JsonObject {
  return toolCall(name, input, { [MetaKey.ProtocolVersion]: MODERN, [MetaKey.ClientCapabilities]: {}, ...meta })
}

export function modernHeaders (name: string): Record<string, string> {
  return { 'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'tools/call', 'Mcp-Name': name }
}
