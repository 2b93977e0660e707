/** Makes an API key: what to keep of it goes to stdout, for `MCP_API_KEYS_FILE`; the key itself to stderr, once. */
import { createApiKey } from '@mcp/auth'

const [id, ...scopes] = process.argv.slice(2)
const { key, entry } = createApiKey({ ...(id !== undefined && { id }), scopes })
process.stdout.write(`${JSON.stringify({ keys: [entry] }, null, 2)}\n`)
process.stderr.write(`The key, which is kept nowhere: ${key}\n`)
