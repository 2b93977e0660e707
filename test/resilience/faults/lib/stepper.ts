/** An application that answers with JSON, or after some progress, and counts how often a call was run. */
import type { Exchange } from '@mcp/protocol'

export const INITIALIZE = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'faults', version: '1' } }

export const ENVELOPE = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} }

/** @param runs By the `key` of a `tools/call`. */
export async function stepper (exchange: Exchange, runs: Map<unknown, number>): Promise<void> {
  const { message } = exchange
  if (!('id' in message) || !('method' in message)) return
  const { id, method, params = {} } = message
  if (method === 'initialize') {
    const result = { protocolVersion: exchange.revision, capabilities: {}, serverInfo: { name: 'faults', version: '1' } }
    return exchange.send({ jsonrpc: '2.0', id, result })
  }
  if (method === 'tools/call') runs.set(params.key, (runs.get(params.key) ?? 0) + 1)
  for (let progress = 1; progress <= Number(params.steps ?? 0); progress++) {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: String(params.key), progress } })
    if (progress % 4 === 0) await new Promise(resolve => setTimeout(resolve, 1))
  }
  await exchange.send({ jsonrpc: '2.0', id, result: { resultType: 'complete', key: params.key } })
}
