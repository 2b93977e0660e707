import { isRequest, type ExchangeHandler, type JsonObject } from '@mcp/protocol'
import t, { type Test } from 'tap'
import { answering, modern, rawConnection, rawRequest, startApp, type Answer, type Fields, type TestApp } from './helper.ts'

const string = (header: string): JsonObject => ({ type: 'string', 'x-mcp-header': header })

const inputSchema = {
  type: 'object',
  properties: {
    region: string('Region'),
    limit: { type: 'integer', 'x-mcp-header': 'Limit' },
    dry: { type: 'boolean', 'x-mcp-header': 'Dry-Run' },
    place: { type: 'object', properties: { city: string('City'), free: { type: 'string' } } },
    free: { type: 'string' }
  }
}

/** Tools over two pages: `mirror` on the second, `broken` with an annotation that breaks the rules. */
function tools (): { application: ExchangeHandler, calls: unknown[], lists: () => number } {
  const calls: unknown[] = []
  let listed = 0
  const application = answering({
    'tools/list': ({ message }) => {
      listed++
      if (message.params?.cursor === undefined) return { tools: [{ name: 'plain', inputSchema: { type: 'object' } }], nextCursor: 'two' }
      const broken = { type: 'object', properties: { price: { type: 'number', 'x-mcp-header': 'Price' } } }
      return { tools: [{ name: 'mirror', inputSchema }, { name: 'broken', inputSchema: broken }] }
    },
    'tools/call': async exchange => {
      const { id, params } = exchange.message
      calls.push(params?.arguments)
      if (params?.name === 'mirror' || params?.name === 'plain') return { content: [] }
      await exchange.send({ jsonrpc: '2.0', id, error: { code: -32602, message: 'Unknown tool' } })
      return undefined
    }
  })
  return { application, calls, lists: () => listed }
}

function callTool ({ rpc }: TestApp, args: JsonObject | undefined, headers: Fields = {}, name = 'mirror'): Promise<Answer> {
  return rpc(...modern('tools/call', { name, ...(args === undefined ? {} : { arguments: args }) }, headers, 'the-id'))
}

interface Row {
  says: string
  args: JsonObject | undefined
  headers?: Fields
}

const agreeing: Row[] = [
  { says: 'E-21: a string as it is', args: { region: 'eu-west' }, headers: { 'mcp-param-region': 'eu-west' } },
  { says: 'E-21: an integer in decimal', args: { limit: 42 }, headers: { 'mcp-param-limit': '42' } },
  { says: 'E-22: integers compare as numbers', args: { limit: 42 }, headers: { 'mcp-param-limit': '42.0' } },
  { says: 'E-21: a negative integer', args: { limit: -7 }, headers: { 'mcp-param-limit': '-7' } },
  { says: 'E-21: the largest exact integer', args: { limit: 9007199254740991 }, headers: { 'mcp-param-limit': '9007199254740991' } },
  { says: 'E-21: zero', args: { limit: 0 }, headers: { 'mcp-param-limit': '0' } },
  { says: 'E-21: true', args: { dry: true }, headers: { 'mcp-param-dry-run': 'true' } },
  { says: 'E-21: false is a value', args: { dry: false }, headers: { 'mcp-param-dry-run': 'false' } },
  { says: 'E-21: a nested property', args: { place: { city: 'Köln' } }, headers: { 'mcp-param-city': '=?base64?S8O2bG4=?=' } },
  { says: 'E-18: an empty string, wrapped', args: { region: '' }, headers: { 'mcp-param-region': '=?base64??=' } },
  { says: 'E-18: an empty string, bare', args: { region: '' }, headers: { 'mcp-param-region': '' } },
  { says: 'E-21: null is as good as absent', args: { region: null, place: null, limit: null } },
  { says: 'E-21: no arguments, no headers', args: undefined },
  { says: 'E-21: what is not annotated is not mirrored', args: { free: 'x', place: { free: 'y' } } },
  { says: 'E-23: parameter headers nobody asked for are ignored', args: { region: 'a' }, headers: { 'mcp-param-region': 'a', 'mcp-param-other': 'x' } },
  { says: 'E-14: the header name in any case', args: { region: 'a' }, headers: { 'MCP-PARAM-REGION': 'a' } }
]

const disagreeing: Row[] = [
  { says: 'E-22: a header is missing', args: { region: 'eu' } },
  { says: 'E-22: one of two is missing', args: { region: 'eu', limit: 1 }, headers: { 'mcp-param-region': 'eu' } },
  { says: 'E-22: the nested one is missing', args: { place: { city: 'Rome' } } },
  { says: 'E-22: another string', args: { region: 'eu' }, headers: { 'mcp-param-region': 'us' } },
  { says: 'E-22: the string in another case', args: { region: 'eu' }, headers: { 'mcp-param-region': 'EU' } },
  { says: 'E-22: another integer', args: { limit: 42 }, headers: { 'mcp-param-limit': '43' } },
  { says: 'E-22: an integer with an exponent', args: { limit: 100 }, headers: { 'mcp-param-limit': '1e2' } },
  { says: 'E-22: an integer in hexadecimal', args: { limit: 16 }, headers: { 'mcp-param-limit': '0x10' } },
  { says: 'E-22: an integer that is text in the body', args: { limit: '42' }, headers: { 'mcp-param-limit': '43' } },
  { says: 'E-22: another boolean', args: { dry: true }, headers: { 'mcp-param-dry-run': 'false' } },
  { says: 'E-22: a boolean spelled otherwise', args: { dry: true }, headers: { 'mcp-param-dry-run': '1' } },
  { says: 'E-22: a header without its argument', args: {}, headers: { 'mcp-param-region': 'eu' } },
  { says: 'E-22: a header for null', args: { region: null }, headers: { 'mcp-param-region': 'null' } },
  { says: 'E-22: a header without any arguments', args: undefined, headers: { 'mcp-param-limit': '1' } },
  { says: 'E-16: base64 that cannot be read', args: { region: 'eu' }, headers: { 'mcp-param-region': '=?base64?!?=' } },
  { says: 'E-16: the sentinel of another value', args: { region: 'eu' }, headers: { 'mcp-param-region': '=?base64?dXM=?=' } }
]

t.test('E-21, E-22, B-21: headers that agree with the arguments', async t => {
  const { application, calls } = tools()
  const server = await startApp(t, { application })
  for (const { says, args, headers } of agreeing) {
    const answer = await callTool(server, args, headers)
    t.equal(answer.status, 200, `${says}: ${answer.text}`)
  }
  t.equal(calls.length, agreeing.length)
})

t.test('E-22, B-21: headers that disagree are 400 with -32020, and the tool does not run', async t => {
  const { application, calls } = tools()
  const server = await startApp(t, { application })
  for (const { says, args, headers } of disagreeing) {
    const answer = await callTool(server, args, headers)
    t.equal(answer.status, 400, says)
    t.match(answer.message, { id: 'the-id', error: { code: -32020, message: /mcp-param-/i } })
  }
  t.strictSame(calls, [])
})

async function twice (t: Test, port: number, lines: readonly string[]): Promise<string> {
  const [body, headers] = modern('tools/call', { name: 'mirror', arguments: { region: 'a, b' } })
  const once = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const connection = await rawConnection(t, port, rawRequest('POST', ['Content-Type: application/json', ...once, ...lines], JSON.stringify(body)))
  return connection.closed()
}

t.test('E-22: a parameter header that comes twice is -32020, even where the sum would agree', async t => {
  const { port } = await startApp(t, { application: tools().application })
  t.match(await twice(t, port, ['Mcp-Param-Region: a, b']), /^HTTP\/1\.1 200 /)
  const repeated = await twice(t, port, ['Mcp-Param-Region: a', 'mcp-param-region: b'])
  t.match(repeated, /^HTTP\/1\.1 400 /)
  t.match(repeated, /-32020/)
})

t.test('E-23: an unknown tool is for the application to refuse, whatever headers say', async t => {
  const server = await startApp(t, { application: tools().application })
  const answer = await callTool(server, { region: 'eu' }, { 'mcp-param-limit': 'x' }, 'unknown')
  t.equal(answer.status, 400)
  t.match(answer.message, { id: 'the-id', error: { code: -32602, message: 'Unknown tool' } })
})

t.test('E-19: a tool whose annotation breaks the rules is not served, its neighbours are', async t => {
  const { application, calls } = tools()
  const server = await startApp(t, { application })
  const broken = await callTool(server, { price: 1 }, { 'mcp-param-price': '1' }, 'broken')
  t.equal(broken.status, 400)
  t.equal(broken.message.error?.code, -32020)
  t.strictSame(calls, [])
  t.equal((await callTool(server, {}, {}, 'plain')).status, 200)
  t.match(server.logs.find(line => line.tool === 'broken'), { level: 50, reason: /Price|price|number/ })
})

t.test('E-23: each caller is measured by the list it would see', async t => {
  const application = answering({
    'tools/list': ({ principal }) => ({
      tools: [{ name: 'mirror', inputSchema: { type: 'object', properties: { region: principal?.subject === 'ann' ? string('Region') : { type: 'string' } } } }]
    }),
    'tools/call': () => ({ content: [] })
  })
  const server = await startApp(t, { application }, {}, app => {
    app.decorateRequest('mcpPrincipal', null)
    app.addHook('onRequest', async request => {
      request.mcpPrincipal = { kind: 'test', issuer: 'test', subject: String(request.headers['x-user']), scopes: [] }
    })
  })
  t.equal((await callTool(server, { region: 'eu' }, { 'x-user': 'ann' })).status, 400)
  t.equal((await callTool(server, { region: 'eu' }, { 'x-user': 'bob' })).status, 200)
  t.equal((await callTool(server, { region: 'eu' }, { 'x-user': 'ann', 'mcp-param-region': 'eu' })).status, 200)
})

t.test('E-23: the list is asked for once in a while, and anew when tools change or headers disagree', async t => {
  const { application, lists } = tools()
  const server = await startApp(t, { application })
  for (let i = 0; i < 5; i++) await callTool(server, { region: 'eu' }, { 'mcp-param-region': 'eu' })
  t.equal(lists(), 2, 'two pages, once')
  await callTool(server, { region: 'eu' }, { 'mcp-param-region': 'us' })
  t.equal(lists(), 4, 'the schema may have changed')
  await server.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  await callTool(server, {}, {})
  t.equal(lists(), 6)
})

t.test('E-23, A-14: an application that cannot list its tools still gets its calls', async t => {
  const application = answering({ 'tools/list': () => { throw new Error('no list today') }, 'tools/call': () => ({ content: [] }) })
  const server = await startApp(t, { application })
  const answer = await callTool(server, { region: 'eu' })
  t.equal(answer.status, 200)
})

t.test('E-23: an application that never answers tools/list slows one call down a little, and no other', async t => {
  let asked = 0
  const application: ExchangeHandler = exchange => {
    const { message } = exchange
    if (!isRequest(message) || message.method !== 'tools/list') return { content: [] }
    asked++
    return undefined
  }
  const { rpc, logs } = await startApp(t, { application })
  const began = performance.now()
  for (let round = 0; round < 5; round++) t.match((await rpc(...modern('tools/call', { name: 'echo', arguments: {} }))).message, { result: { content: [] } })
  t.ok(performance.now() - began < 5_000, 'no call waits for the answer')
  t.equal(asked, 1, 'one question is under way')
  t.equal(logs.filter(line => /slow to answer tools\/list/.test(String(line.msg))).length, 1, 'the log says so once')
})
