/** A proxy on the machine of the server: its clients are not on this machine, whatever headers it adds and whatever name they ask for. */
import http from 'node:http'
import { buildApp } from '@mcp/reference-server/src/app.ts'
import { readConfig, type Environment } from '@mcp/reference-server/src/config.ts'
import t, { type Test } from 'tap'
import { textOf } from '../../lib/workspace.ts'
import { startNginx } from '../../resilience/chaos/lib/nginx.ts'
import { nginxIsMissing } from '../../resilience/chaos/lib/programs.ts'

const skip = process.env.CI === undefined ? nginxIsMissing() : false

/** No `server_name`, no `X-Forwarded-For`: what many guides on the web show. */
const NAIVE = [
  '```nginx', 'upstream mcp {', '  server 127.0.0.1:3000;', '}', 'server {', '  listen 8080;', '  location / {',
  '    proxy_pass http://mcp;', '    proxy_set_header Host $http_host;', '  }', '}', '```', ''
].join('\n')
const DOCS = textOf('docs/guides/deploying.md')

/** Statuses of requests through nginx, by `Host`. */
async function behind (t: Test, page: string, variables: Environment): Promise<(host: string, path: string) => Promise<number>> {
  const metrics = { MCP_CONSOLE: 'on', MCP_METRICS: 'on', MCP_LEGACY_SSE: 'on' }
  const app = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', ...metrics, ...variables }))
  t.teardown(() => app.close())
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const nginx = await startNginx([Number(new URL(origin).port)], page)
  t.teardown(() => nginx.close())
  return (host, path) => status(new URL(path, nginx.url), host)
}

function status (url: URL, host: string): Promise<number> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
  const post = url.pathname === '/mcp'
  const headers = { host, accept: 'application/json, text/event-stream', ...(post && { 'content-type': 'application/json' }) }
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: post ? 'POST' : 'GET', headers, agent: false }, response => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', reject).end(post ? body : undefined)
  })
}

const LOCAL_NAMES = ['localhost', 'localhost:3000', '127.0.0.1', '[::1]']
const PRIVATE = ['/admin/node.json', '/metrics']

t.test('H-4 H-5: the file of the guide, and a server that was not told of a proxy: nothing is served', { skip }, async t => {
  const get = await behind(t, DOCS.replace(/location ~ \S+/, 'location /'), { MCP_LOCAL_ADMIN: 'on' })
  for (const host of [...LOCAL_NAMES, 'mcp.example.com']) {
    for (const path of ['/mcp', '/sse', ...PRIVATE]) t.equal(await get(host, path), 403, `${host} ${path}`)
  }
})

t.test('H-4: the file of the guide, and the public name: that name is served and no other', { skip }, async t => {
  const get = await behind(t, DOCS, { MCP_PUBLIC_URL: 'https://mcp.example.com/mcp', MCP_LOCAL_ADMIN: 'on' })
  t.equal(await get('mcp.example.com', '/mcp'), 200)
  for (const host of LOCAL_NAMES) for (const path of ['/mcp', '/sse']) t.equal(await get(host, path), 403, `${host} ${path}`)
  for (const path of PRIVATE) t.equal(await get('mcp.example.com', path), 404, 'nginx does not pass these on')
})

t.test('H-4: a naive file: the live view and the figures stay closed, by default and where a proxy was named', { skip }, async t => {
  const named = [{ MCP_PUBLIC_URL: 'https://mcp.example.com/mcp' }, { MCP_TRUSTED_PROXIES: 'loopback' }]
  for (const variables of [{}, ...named.map(proxy => ({ ...proxy, MCP_LOCAL_ADMIN: 'on' }))]) {
    const get = await behind(t, NAIVE, variables)
    for (const host of [...LOCAL_NAMES, 'mcp.example.com']) {
      for (const path of PRIVATE) t.equal(await get(host, path), 403, `${JSON.stringify(variables)} ${host} ${path}`)
      if ('MCP_LOCAL_ADMIN' in variables && host !== 'mcp.example.com') t.equal(await get(host, '/mcp'), 403, `${JSON.stringify(variables)} ${host}`)
    }
  }
})
