import Fastify from 'fastify'
import { mcpStreamable } from '@mcp/streamable-core'
import type { Exchange } from '@mcp/protocol'

/*
 * What someone writes who has just installed the packages: a server, one request, its answer.
 * It is compiled against the packed packages and run from them, in an empty folder.
 */
const app = Fastify()
await app.register(mcpStreamable, {
  application: async (exchange: Exchange) => {
    const { message } = exchange
    if ('method' in message && 'id' in message) {
      await exchange.send({ jsonrpc: '2.0', id: message.id, result: { resultType: 'complete', echo: message.params?.text } })
    }
  }
})
const address = await app.listen({ host: '127.0.0.1', port: 0 })

const version = '2026-07-28'
const reply = await fetch(`${address}/mcp`, {
  method: 'POST',
  headers: {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': version,
    'mcp-method': 'echo'
  },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'echo',
    params: {
      text: 'hello',
      _meta: { 'io.modelcontextprotocol/protocolVersion': version, 'io.modelcontextprotocol/clientCapabilities': {} }
    }
  })
})
console.log(await reply.text())
await app.close()
