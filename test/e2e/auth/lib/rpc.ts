export interface RpcReply {
  readonly status: number
  readonly challenge: string | null
  readonly retryAfter: string | null
  readonly body: { readonly result?: unknown, readonly error?: { readonly code: number, readonly message: string } }
}

/** One `tools/list` of the modern era with a token, or the call of a tool, by hand. */
export async function rpc (url: string, token: string | null, { tool }: { readonly tool?: string } = {}): Promise<RpcReply> {
  const method = tool === undefined ? 'tools/list' : 'tools/call'
  const version = '2026-07-28'
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name: 'rpc', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {}
  }
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...(tool !== undefined && { 'mcp-name': tool }),
      ...(token !== null && { authorization: `Bearer ${token}` })
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...(tool !== undefined && { name: tool, arguments: {} }), _meta: meta } })
  })
  const { headers, status } = response
  return { status, challenge: headers.get('www-authenticate'), retryAfter: headers.get('retry-after'), body: JSON.parse(await response.text()) }
}
