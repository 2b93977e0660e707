/** The application of a target: remembers what ran for whom. */
import { ErrorCode, errorResponse, isRequest, type ExchangeHandler, type JsonObject } from '@mcp/protocol'

export interface TargetApplication {
  readonly accept: ExchangeHandler
  readonly ran: string[]
  readonly answers: string[]
  readonly release: () => void
}

/**
 * Tools: `echo` answers its arguments, `hold` reports progress and waits to be released, `ask` asks the client for its roots.
 * All others answer their name.
 */
export function createApplication (): TargetApplication {
  const ran: string[] = []
  const answers: string[] = []
  let held: Array<() => void> = []
  const waiters: Array<() => void> = []
  const capabilities = { tools: {}, resources: { subscribe: true } }

  const accept: ExchangeHandler = async exchange => {
    const { message, principal, revision } = exchange
    if (!('method' in message)) {
      answers.push(JSON.stringify(message))
      return waiters.shift()?.()
    }
    const name = String(message.params?.name ?? message.params?.uri ?? '')
    if (message.method === 'tools/call' || message.method === 'resources/read') ran.push(`${principal?.subject}:${name}`)
    if (!isRequest(message)) return
    const answer = (result: JsonObject): Promise<void> => exchange.send({ jsonrpc: '2.0', id: message.id, result })
    switch (message.method) {
      case 'initialize': return answer({ protocolVersion: revision, capabilities, serverInfo: { name: 'target', version: '1' } })
      case 'server/discover': return answer({ supportedVersions: ['2026-07-28'], capabilities, ttlMs: 0, cacheScope: 'private' })
      case 'tools/list': return answer({ tools: ['echo', 'forbidden', 'hidden'].map(tool => ({ name: tool, inputSchema: { type: 'object' } })) })
      case 'resources/read': return answer({ contents: [] })
      case 'ping': return answer({})
      case 'tools/call': break
      default: return exchange.send(errorResponse(message.id, ErrorCode.MethodNotFound, 'Method not found'))
    }
    if (name === 'hold') {
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } })
      await new Promise<void>(resolve => held.push(resolve))
    }
    if (name === 'ask') {
      await exchange.send({ jsonrpc: '2.0', id: 1, method: 'roots/list' })
      await new Promise<void>(resolve => waiters.push(resolve))
    }
    const text = name === 'echo' ? JSON.stringify(message.params?.arguments) : name
    await answer({ content: [{ type: 'text', text }] })
  }
  const release = (): void => {
    for (const go of held) go()
    held = []
  }
  return { accept, ran, answers, release }
}
