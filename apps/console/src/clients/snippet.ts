/** Configuration for common clients, ready to paste. Pure. */

/** The endpoint as clients see it. */
export interface Target {
  /** Absolute. */
  readonly url: string
  /** Whether a credential is needed that the client does not get by itself. */
  readonly key: boolean
}

export interface Snippet {
  readonly id: string
  readonly client: string
  /** Where it goes. */
  readonly place: string
  readonly language: 'shell' | 'json' | 'toml'
  readonly text: string
  /** What else to know. */
  readonly hint?: string
}

const NAME = 'reference'
/** Stands for the key people have. */
const A_KEY = 'YOUR_API_KEY'
const BEARER = `Bearer ${A_KEY}`

export function snippets (target: Target): readonly Snippet[] {
  return [claudeCode(target), claudeDesktop(target), vsCode(target), cursor(target), codex(target), inspector(target), curl(target)]
}

/** https://code.claude.com/docs/en/mcp */
function claudeCode ({ url, key }: Target): Snippet {
  const text = `claude mcp add --transport http ${NAME} ${shell(url)}${key ? ` --header "Authorization: ${BEARER}"` : ''}`
  return { id: 'claude-code', client: 'Claude Code', place: 'In a terminal', language: 'shell', text, hint: 'Add --scope user to have it in every project.' }
}

/** Its file starts local programs alone, so a bridge goes between: https://www.npmjs.com/package/mcp-remote */
function claudeDesktop ({ url, key }: Target): Snippet {
  // A space within an argument gets lost on the way on Windows, so the value comes from the environment.
  const header = key ? ['--header', 'Authorization:$' + '{AUTHORIZATION}'] : []
  const server = { command: 'npx', args: ['-y', 'mcp-remote', url, ...header], ...(key && { env: { AUTHORIZATION: BEARER } }) }
  return {
    id: 'claude-desktop',
    client: 'Claude Desktop',
    place: 'claude_desktop_config.json (Settings, Developer, Edit Config)',
    language: 'json',
    text: json({ mcpServers: { [NAME]: server } }),
    hint: 'The file starts local programs; mcp-remote is the bridge. A server the internet reaches over https is added in Settings, Connectors instead.'
  }
}

/** https://code.visualstudio.com/docs/copilot/reference/mcp-configuration */
function vsCode ({ url, key }: Target): Snippet {
  const inputs = [{ type: 'promptString', id: `${NAME}-key`, description: 'API key', password: true }]
  const server = { type: 'http', url, ...(key && { headers: { Authorization: `Bearer \${input:${NAME}-key}` } }) }
  return {
    id: 'vs-code',
    client: 'VS Code',
    place: '.vscode/mcp.json',
    language: 'json',
    text: json({ ...(key && { inputs }), servers: { [NAME]: server } }),
    ...(key && { hint: 'VS Code asks for the key and keeps it.' })
  }
}

/** https://cursor.com/docs/mcp */
function cursor ({ url, key }: Target): Snippet {
  const server = { url, ...(key && { headers: { Authorization: BEARER } }) }
  return { id: 'cursor', client: 'Cursor', place: '.cursor/mcp.json, or ~/.cursor/mcp.json', language: 'json', text: json({ mcpServers: { [NAME]: server } }) }
}

/** https://developers.openai.com/codex/mcp */
function codex ({ url, key }: Target): Snippet {
  const lines = [`[mcp_servers.${NAME}]`, `url = ${JSON.stringify(url)}`, ...(key ? ['bearer_token_env_var = "MCP_REFERENCE_KEY"'] : [])]
  return {
    id: 'codex',
    client: 'Codex',
    place: '~/.codex/config.toml',
    language: 'toml',
    text: lines.join('\n'),
    ...(key && { hint: 'The key comes from the environment variable MCP_REFERENCE_KEY.' })
  }
}

/** https://github.com/modelcontextprotocol/inspector, 2.x */
function inspector ({ url, key }: Target): Snippet {
  const header = key ? ` --header "Authorization: ${BEARER}"` : ''
  const text = `npx @modelcontextprotocol/inspector --server-url ${shell(url)} --transport http${header}`
  return { id: 'inspector', client: 'MCP Inspector', place: 'In a terminal', language: 'shell', text, hint: 'Needs Node.js 22.19 or later.' }
}

function curl ({ url, key }: Target): Snippet {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'curl', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {}
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } })
  const lines = [
    `curl ${shell(url)}`,
    ...(key ? [`-H 'Authorization: ${BEARER}'`] : []),
    "-H 'Content-Type: application/json'",
    "-H 'Accept: application/json, text/event-stream'",
    "-H 'MCP-Protocol-Version: 2026-07-28'",
    "-H 'Mcp-Method: tools/list'",
    `-d '${body}'`
  ]
  return { id: 'curl', client: 'curl', place: 'In a terminal, revision 2026-07-28', language: 'shell', text: lines.join(' \\\n  ') }
}

function json (value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** A URL may hold what a shell would take for its own. */
function shell (url: string): string {
  return /^[\w./:~-]+$/.test(url) ? url : `'${url.replaceAll("'", "'\\''")}'`
}
