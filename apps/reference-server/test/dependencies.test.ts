import t from 'tap'
import { ConfigError, readConfig, type Environment } from '../src/config.ts'

const id = 'https://id.example.com'
const MCP_PUBLIC_URL = 'https://mcp.example.com/mcp'

const refused: Array<[Environment, string[]]> = [
  [{ MCP_AUTH: 'api-key' }, ['MCP_API_KEYS_FILE is not set, but MCP_AUTH is "api-key": it has to be the path of a JSON file with API keys']],
  [{ MCP_AUTH: 'jwt' }, [
    'MCP_JWT_ISSUER is not set, but MCP_AUTH is "jwt": it has to be the issuer of tokens, exactly as they name it',
    'MCP_PUBLIC_URL is not set, but MCP_AUTH is "jwt": it has to be the URL clients use'
  ]],
  [{ MCP_AUTH: 'introspection', MCP_PUBLIC_URL, MCP_INTROSPECTION_URL: id, MCP_INTROSPECTION_ISSUER: id }, [
    'MCP_INTROSPECTION_CLIENT_ID is not set, but MCP_AUTH is "introspection"',
    'MCP_INTROSPECTION_CLIENT_SECRET is not set, but MCP_AUTH is "introspection"'
  ]],
  [{ MCP_JWT_ISSUER: id }, ['MCP_JWT_ISSUER is set, but MCP_AUTH is "off": set MCP_AUTH to jwt, or leave MCP_JWT_ISSUER out']],
  [{ MCP_API_KEYS_FILE: 'keys.json' }, ['MCP_API_KEYS_FILE is set, but MCP_AUTH is "off": set MCP_AUTH to api-key or jwt or introspection']],
  [{ MCP_AUTH: 'jwt', MCP_PUBLIC_URL, MCP_JWT_ISSUER: id, MCP_INTROSPECTION_CLIENT_SECRET: 'hush-hush' }, [
    'MCP_INTROSPECTION_CLIENT_SECRET is set, but MCP_AUTH is "jwt": set MCP_AUTH to introspection'
  ]],
  [{ MCP_PRIVATE_ISSUERS: 'id.internal' }, ['MCP_PRIVATE_ISSUERS is set, but MCP_AUTH is "off": set MCP_AUTH to jwt or introspection']],
  [{ MCP_CONSOLE: 'on', MCP_PATH: '/' }, ['MCP_CONSOLE is "on" and MCP_PATH is "/", but both want that path']],
  [{ MCP_METRICS: 'on', MCP_PATH: '/metrics' }, ['MCP_METRICS is "on" and MCP_PATH is "/metrics", but both want that path']]
]

for (const [environment, lines] of refused) {
  t.test(`refuses ${Object.keys(environment).join(', ')} alone, naming what is missing or idle`, async t => {
    const error = t.throws(() => readConfig(environment), ConfigError)
    const told = String(error).replace('ConfigError: ', '').split('\n')
    t.equal(told.length, lines.length)
    for (const [index, line] of lines.entries()) t.equal(told[index]?.slice(0, line.length), line)
    t.notMatch(String(error), 'hush-hush')
  })
}

t.test('H-20 the value of a secret is not repeated', async t => {
  const error = t.throws(() => readConfig({ MCP_INTROSPECTION_CLIENT_SECRET: '   ' }), ConfigError)
  t.match(String(error), 'MCP_INTROSPECTION_CLIENT_SECRET has to be the client secret of this server at the issuer')
})

for (const HOST of ['0.0.0.0', '::', '192.0.2.1', 'mcp.example.com']) {
  t.test(`H-5 HOST=${HOST} without hosts, origins or authentication is refused`, async t => {
    const error = t.throws(() => readConfig({ HOST }), ConfigError)
    t.match(String(error), `HOST is "${HOST}", which other machines can reach`)
    t.match(String(error), /MCP_AUTH, MCP_ALLOWED_HOSTS or MCP_ALLOWED_ORIGINS, or MCP_ALLOW_PUBLIC=on/)
    for (const variable of ['MCP_ALLOWED_HOSTS', 'MCP_ALLOWED_ORIGINS', 'MCP_ALLOW_PUBLIC']) {
      const value = { MCP_ALLOWED_HOSTS: 'a.example', MCP_ALLOWED_ORIGINS: 'https://a.example', MCP_ALLOW_PUBLIC: 'on' }[variable]
      t.doesNotThrow(() => readConfig({ HOST, [variable]: value }), variable)
    }
    t.doesNotThrow(() => readConfig({ HOST, MCP_AUTH: 'api-key', MCP_API_KEYS_FILE: 'keys.json' }))
  })
}

for (const HOST of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) {
  t.test(`H-5 HOST=${HOST} is this machine alone`, async t => { t.doesNotThrow(() => readConfig({ HOST })) })
}
