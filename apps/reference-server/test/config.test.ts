import t from 'tap'
import { ConfigError, readConfig, unknownVariables, type Config, type Environment } from '../src/config.ts'

const defaults: Config = {
  host: '127.0.0.1',
  port: 3000,
  path: '/mcp',
  application: 'sdk',
  sessions: true,
  legacySse: false,
  storage: 'sqlite:./.mcp-data',
  auth: { mode: 'off' },
  rateLimit: null,
  console: true,
  localAdmin: false,
  metrics: false,
  spans: false,
  drainMs: 0,
  logLevel: 'info'
}
const minute = (max: number) => ({ max, timeWindow: '1 minute' })

const good: Array<[Environment, Partial<Config>]> = [
  [{}, {}],
  [{ HOME: '/root', PATH: '/bin' }, {}],
  [{ HOST: '::1' }, { host: '::1' }],
  [{ HOST: 'localhost' }, { host: 'localhost' }],
  [{ HOST: '0.0.0.0', MCP_ALLOW_PUBLIC: 'on' }, { host: '0.0.0.0', allowedHosts: ['*'], rateLimit: minute(600), console: false }],
  [{ HOST: 'mcp.example.com', MCP_ALLOWED_HOSTS: 'mcp.example.com', MCP_RATE_LIMIT: 'off' },
    { host: 'mcp.example.com', allowedHosts: ['mcp.example.com'], console: false }],
  [{ HOST: '::', MCP_ALLOWED_ORIGINS: 'https://app.example.com', MCP_RATE_LIMIT: '5/second' },
    { host: '::', allowedOrigins: ['https://app.example.com'], rateLimit: { max: 5, timeWindow: '1 second' }, console: false }],
  [{ HOST: '0.0.0.0', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp' },
    { host: '0.0.0.0', publicUrl: 'https://mcp.example.com/mcp', allowedHosts: ['mcp.example.com'], rateLimit: minute(600), console: false }],
  [{ MCP_PUBLIC_URL: 'https://mcp.example.com/mcp' },
    { publicUrl: 'https://mcp.example.com/mcp', allowedHosts: ['mcp.example.com'], console: false }],
  [{ MCP_PUBLIC_URL: 'http://localhost:3000/mcp' },
    { publicUrl: 'http://localhost:3000/mcp', allowedHosts: ['localhost', 'localhost', '127.0.0.1', '[::1]'], console: false }],
  [{ MCP_LOCAL_ADMIN: 'on' }, { localAdmin: true }],
  [{ MCP_RATE_LIMIT: '600/minute' }, { rateLimit: minute(600) }],
  [{ MCP_TRUSTED_PROXIES: '10.0.0.0/8, loopback' }, { trustedProxies: ['10.0.0.0/8', 'loopback'], console: false }],
  [{ MCP_TRUSTED_PROXIES: '' }, {}],
  [{ PORT: '0' }, { port: 0 }],
  [{ PORT: '65535' }, { port: 65535 }],
  [{ MCP_PATH: '/' }, { path: '/', console: false }],
  [{ MCP_PATH: '/api/v1/mcp' }, { path: '/api/v1/mcp' }],
  [{ MCP_APPLICATION: 'raw' }, { application: 'raw' }],
  [{ MCP_SESSIONS: 'off' }, { sessions: false }],
  [{ MCP_LEGACY_SSE: 'on' }, { legacySse: true }],
  [{ MCP_STORAGE: 'memory:' }, { storage: 'memory:' }],
  [{ MCP_STORAGE: 'sqlite:/var/lib/mcp' }, { storage: 'sqlite:/var/lib/mcp' }],
  [{ MCP_STORAGE: 'redis://127.0.0.1:6379/1' }, { storage: 'redis://127.0.0.1:6379/1' }],
  [{ MCP_ALLOWED_HOSTS: '' }, {}],
  [{ MCP_ALLOWED_HOSTS: 'mcp.example.com, localhost:8080,[::1]:3000' },
    { allowedHosts: ['mcp.example.com', 'localhost:8080', '[::1]:3000'] }],
  [{ MCP_ALLOWED_ORIGINS: ' ' }, {}],
  [{ MCP_ALLOWED_ORIGINS: 'https://app.example.com,http://localhost:6274 , moz-extension://*' },
    { allowedOrigins: ['https://app.example.com', 'http://localhost:6274', 'moz-extension://*'] }],
  [{ MCP_PRIVATE_ISSUERS: '' }, {}],
  [{ MCP_CONSOLE: 'off' }, { console: false }],
  [{ MCP_METRICS: 'on', MCP_SPANS: 'on' }, { metrics: true, spans: true }],
  [{ MCP_CONSOLE: 'on', MCP_TRUSTED_PROXIES: '10.0.0.1' }, { trustedProxies: ['10.0.0.1'] }],
  [{ MCP_DRAIN_MS: '5000' }, { drainMs: 5000 }],
  [{ LOG_LEVEL: 'silent' }, { logLevel: 'silent' }]
]

const bad: Array<[name: string, value: string, expected: RegExp]> = [
  ['HOST', '', /a host name or an IP address/],
  ['HOST', 'http://localhost', /a host name or an IP address/],
  ['PORT', '', /a port number from 0 \(any free one\) to 65535/],
  ['PORT', 'http', /a port number/],
  ['PORT', '-1', /a port number/],
  ['PORT', '65536', /a port number/],
  ['PORT', '3000.5', /a port number/],
  ['MCP_PATH', 'mcp', /a path that starts with \//],
  ['MCP_PATH', '/mcp/', /a path that starts with \//],
  ['MCP_PATH', '/mcp?x=1', /a path that starts with \//],
  ['MCP_PATH', '/:id', /a path that starts with \//],
  ['MCP_PATH', '/*', /a path that starts with \//],
  ['MCP_APPLICATION', 'SDK', /sdk or raw/],
  ['MCP_APPLICATION', '', /sdk or raw/],
  ['MCP_SESSIONS', 'true', /on or off/],
  ['MCP_CONSOLE', 'yes', /on or off/],
  ['MCP_METRICS', 'true', /on or off/],
  ['MCP_SPANS', '1', /on or off/],
  ['MCP_STORAGE', '', /memory:, sqlite:PATH, or a URL like redis:/],
  ['MCP_STORAGE', 'memory', /memory:, sqlite:PATH/],
  ['MCP_STORAGE', 'postgres://localhost', /memory:, sqlite:PATH/],
  ['MCP_ALLOWED_HOSTS', 'a.example,,b.example', /host names separated by commas/],
  ['MCP_ALLOWED_HOSTS', 'https://a.example', /host names separated by commas/],
  ['MCP_ALLOWED_ORIGINS', 'app.example.com', /origins separated by commas/],
  ['MCP_ALLOWED_ORIGINS', 'https://app.example.com/', /origins separated by commas/],
  ['MCP_ALLOWED_ORIGINS', '*', /origins separated by commas/],
  ['MCP_ALLOWED_ORIGINS', 'https://*', /origins separated by commas/],
  ['MCP_PUBLIC_URL', 'mcp.example.com', /the URL clients use, such as https:/],
  ['MCP_PUBLIC_URL', 'http://mcp.example.com/mcp', /https, or http on this machine/],
  ['MCP_PUBLIC_URL', 'https://mcp.example.com/mcp?x=1', /no query/],
  ['MCP_PUBLIC_URL', 'https://user@mcp.example.com/', /no credentials/],
  ['MCP_ALLOW_PUBLIC', 'yes', /on or off/],
  ['MCP_RATE_LIMIT', '600', /off, or a number of requests like 600\/minute/],
  ['MCP_RATE_LIMIT', '0/minute', /off, or a number/],
  ['MCP_RATE_LIMIT', '600/fortnight', /second, minute, hour/],
  ['MCP_TRUSTED_PROXIES', 'proxy.example', /addresses or networks separated by commas/],
  ['MCP_AUTH', 'basic', /off, api-key, jwt or introspection/],
  ['MCP_API_KEYS_FILE', '', /the path of a JSON file with API keys/],
  ['MCP_JWT_ISSUER', 'http://id.example.com', /the issuer of tokens.*https/],
  ['MCP_JWKS_URL', 'keys.json', /the URL of the keys/],
  ['MCP_PRIVATE_ISSUERS', 'https://id.internal', /hosts or networks separated by commas/],
  ['MCP_DRAIN_MS', '-1', /milliseconds from 0 to 300000/],
  ['MCP_DRAIN_MS', '5s', /milliseconds from 0 to 300000/],
  ['LOG_LEVEL', 'verbose', /fatal, error, warn, info, debug, trace or silent/]
]

for (const [environment, expected] of good) {
  t.test(`accepts ${JSON.stringify(environment)}`, async t => {
    t.same(readConfig(environment), { ...defaults, ...expected })
  })
}

for (const [name, value, expected] of bad) {
  t.test(`refuses ${name}=${JSON.stringify(value)}`, async t => {
    const error = t.throws(() => readConfig({ [name]: value }), ConfigError)
    if (!(error instanceof ConfigError)) return
    t.match(error.message, expected)
    t.ok(error.message.startsWith(`${name} is ${JSON.stringify(value)}, but has to be `), 'names the variable and what was given')
    t.notMatch(error.message, '\n', 'is one line')
  })
}

t.test('names every bad variable at once', async t => {
  const error = t.throws(() => readConfig({ PORT: 'x', MCP_SESSIONS: 'x', LOG_LEVEL: 'x' }), ConfigError)
  t.same(String(error).match(/^(?:ConfigError: )?\w+(?= is)/gm), ['ConfigError: PORT', 'MCP_SESSIONS', 'LOG_LEVEL'])
})

t.test('does not look at the real environment', async t => {
  process.env.MCP_PATH = 'nonsense'
  t.teardown(() => { delete process.env.MCP_PATH })
  t.equal(readConfig({}).path, '/mcp')
})

t.test('finds MCP_* variables it does not know', async t => {
  t.same(unknownVariables({ MCP_SESSION: 'off', MCP_PATH: '/mcp', MCP_A: '1', OTHER: '1' }), ['MCP_A', 'MCP_SESSION'])
})
