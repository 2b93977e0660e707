import { mcpSecurity } from '@mcp/security'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { readConfig, type Environment } from '../src/config.ts'
import { addConsole } from '../src/console.ts'
import { consoleFiles } from '../src/console-files.ts'

const host = '127.0.0.1:3000'

async function app (t: Test, variables: Environment = {}) {
  const built = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', MCP_CONSOLE: 'on', ...variables }))
  t.teardown(() => built.close())
  return built
}

/** The console alone, with files of the test's. */
async function consoleOf (t: Test, files: string | null, variables: Environment = {}) {
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(mcpSecurity)
  await app.register(mcpStreamable, { application: () => {} })
  await addConsole(app, readConfig(variables), files)
  return { app, lines }
}

t.test('the build was found', { skip: process.env.CI !== 'true' && consoleFiles() === null ? 'the console is not built' : false }, async t => {
  const built = await app(t)
  const page = await built.inject({ url: '/', headers: { host } })
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], 'text/html')
  t.equal(page.headers['cache-control'], 'no-cache')
  const names = [...page.payload.matchAll(/(?:src|href)="\.\/(console\/[^"]+)"/g)].map(([, name = '']) => name)
  t.equal(names.length, 3, 'script, style, icon')
  for (const name of names) {
    const file = await built.inject({ url: `/${name}`, headers: { host } })
    t.equal(file.statusCode, 200, name)
    t.match(file.headers['cache-control'], 'immutable')
  }
})

t.test('the page may load what is of this server, and nothing inline', async t => {
  const { app } = await consoleOf(t, t.testdir({ 'index.html': 'page', console: { 'a.js': '1' } }))
  for (const url of ['/', '/console/a.js']) {
    const { headers } = await app.inject({ url, headers: { host } })
    const policy = String(headers['content-security-policy'])
    t.match(policy, "default-src 'none';script-src 'self';style-src 'self';font-src 'self'")
    t.match(policy, "frame-ancestors 'none'")
    t.notMatch(policy, /unsafe|https?:/)
    t.match(headers, { 'cross-origin-opener-policy': 'same-origin', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  }
  const endpoint = await app.inject({ url: '/mcp', headers: { host } })
  t.equal(endpoint.headers['content-security-policy'], "default-src 'none';frame-ancestors 'none'", 'replies that are data keep theirs')
})

t.test('a server without a built console says what to do', async t => {
  const { app, lines } = await consoleOf(t, null)
  const page = await app.inject({ url: '/', headers: { host } })
  t.equal(page.statusCode, 503)
  t.match(page.payload, /not built.*pnpm@12 --filter @mcp\/console build.*MCP_CONSOLE=off/)
  t.match(lines.join(''), 'not built')
  t.equal((await app.inject({ url: '/console/facts.json', headers: { host } })).statusCode, 200)
})

t.test('H-1 neither page nor facts by another name', async t => {
  const { app } = await consoleOf(t, t.testdir({ 'index.html': 'page', console: { 'a.js': '1' } }))
  for (const url of ['/', '/console/a.js', '/console/facts.json']) {
    t.equal((await app.inject({ url, headers: { host: 'evil.example' } })).statusCode, 403, url)
    t.equal((await app.inject({ url, headers: { host: 'localhost:1' } })).statusCode, 200, url)
  }
})

t.test('H-2 other pages may link to the page, and read nothing of it', async t => {
  const { app } = await consoleOf(t, t.testdir({ 'index.html': 'page' }))
  const cross = { host, 'sec-fetch-site': 'cross-site' }
  t.equal((await app.inject({ url: '/', headers: { ...cross, 'sec-fetch-mode': 'navigate' } })).statusCode, 200)
  t.equal((await app.inject({ url: '/console/facts.json', headers: cross })).statusCode, 403)
  t.equal((await app.inject({ url: '/console/facts.json', headers: { host, origin: 'http://localhost:6274' } })).statusCode, 403)
})

t.test('files beside the console are none of it', async t => {
  const dir = t.testdir({ 'secret.txt': 'hush', dist: { 'index.html': 'page', console: { 'a.js': '1' } } })
  const { app } = await consoleOf(t, `${dir}/dist`)
  for (const url of ['/console/../../secret.txt', '/console/..%2f..%2fsecret.txt', '/console/%2e%2e/%2e%2e/secret.txt', '/console/']) {
    const reply = await app.inject({ url, headers: { host } })
    t.ok(reply.statusCode >= 400, url)
    t.notMatch(reply.payload, 'hush')
  }
})

t.test('facts say what is served, and no secret', async t => {
  const facts = async (variables: Environment) => {
    const server = await app(t, variables)
    return (await server.inject({ url: '/console/facts.json', headers: { host } })).json()
  }
  t.strictSame(await facts({ MCP_APPLICATION: 'raw', MCP_LEGACY_SSE: 'on' }), {
    application: 'raw',
    path: '/mcp',
    publicUrl: null,
    revisions: ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'],
    sessions: true,
    httpSse: { stream: '/sse', messages: '/messages' },
    storage: 'memory',
    auth: { mode: 'off', issuers: [] },
    admin: { path: '/admin/node.json', scope: null }
  })
  const issuer = 'http://127.0.0.1:9'
  const authorized = await facts({
    MCP_AUTH: 'introspection',
    MCP_PUBLIC_URL: 'http://127.0.0.1:3000/mcp',
    MCP_INTROSPECTION_URL: `${issuer}/introspect`,
    MCP_INTROSPECTION_ISSUER: issuer,
    MCP_INTROSPECTION_CLIENT_ID: 'me',
    MCP_INTROSPECTION_CLIENT_SECRET: 'hush-hush'
  })
  t.match(authorized, { auth: { mode: 'introspection', issuers: [issuer] }, admin: { scope: 'mcp:admin' }, publicUrl: 'http://127.0.0.1:3000/mcp' })
  t.notMatch(JSON.stringify(authorized), /hush|introspect"|client/)
})
