import t from 'tap'
import { snippets, type Snippet } from '../../src/clients/snippet.ts'

const url = 'http://127.0.0.1:3000/mcp'

function byId (target: { url: string, key: boolean }): Record<string, Snippet> {
  return Object.fromEntries(snippets(target).map(snippet => [snippet.id, snippet]))
}

function textOf (id: string, key: boolean, at = url): string {
  const snippet = byId({ url: at, key })[id]
  if (snippet === undefined) throw new Error(`no snippet ${id}`)
  return snippet.text
}

t.test('every client gets the URL, and the key where one is needed', async t => {
  for (const [id, open] of Object.entries(byId({ url, key: false }))) {
    t.match(open.text, url, id)
    t.notMatch(open.text, /Authorization|KEY|Bearer/, `${id} without a key`)
    t.match(textOf(id, true), /Authorization|bearer_token_env_var/, `${id} with a key`)
  }
})

t.test('what is JSON parses, and is where its client looks', async t => {
  const json = (id: string, key: boolean) => JSON.parse(textOf(id, key))
  t.strictSame(json('vs-code', false), { servers: { reference: { type: 'http', url } } })
  t.match(json('vs-code', true), {
    inputs: [{ type: 'promptString', id: 'reference-key', password: true }],
    servers: { reference: { headers: { Authorization: 'Bearer $' + '{input:reference-key}' } } }
  })
  t.strictSame(json('cursor', false), { mcpServers: { reference: { url } } })
  t.strictSame(json('cursor', true).mcpServers.reference.headers, { Authorization: 'Bearer YOUR_API_KEY' })
  t.strictSame(json('claude-desktop', false), { mcpServers: { reference: { command: 'npx', args: ['-y', 'mcp-remote', url] } } })
  t.strictSame(json('claude-desktop', true).mcpServers.reference, {
    command: 'npx',
    args: ['-y', 'mcp-remote', url, '--header', 'Authorization:$' + '{AUTHORIZATION}'],
    env: { AUTHORIZATION: 'Bearer YOUR_API_KEY' }
  })
})

t.test('commands are one command', async t => {
  t.equal(textOf('claude-code', true), `claude mcp add --transport http reference ${url} --header "Authorization: Bearer YOUR_API_KEY"`)
  t.equal(textOf('inspector', false), `npx @modelcontextprotocol/inspector --server-url ${url} --transport http`)
  const hostile = 'http://127.0.0.1:3000/a&b;$(c)\'d'
  t.match(textOf('claude-code', false, hostile), "'http://127.0.0.1:3000/a&b;$(c)'\\''d'")
})

t.test('Codex gets a table of TOML', async t => {
  t.equal(textOf('codex', true), `[mcp_servers.reference]\nurl = "${url}"\nbearer_token_env_var = "MCP_REFERENCE_KEY"`)
})

t.test('the body for curl is a modern request', async t => {
  const [, body = ''] = /-d '(.*)'$/s.exec(textOf('curl', false)) ?? []
  t.match(JSON.parse(body), { jsonrpc: '2.0', method: 'tools/list', params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } } })
})
