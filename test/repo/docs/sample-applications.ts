/** Applications that programs of pages give to endpoints, and what each must answer: readers copy them. */
import { subscribe } from 'node:diagnostics_channel'
import type { McpApplication } from '@mcp/protocol'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'

const MODERN = '2026-07-28'
const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'reader', version: '1' } }
/** The latter two are names that every object has. */
const UNKNOWN = ['no/such', 'constructor', '__proto__']

export interface SampleApplications {
  /** Asks each application that came since the last time. Answers what is wrong with their answers. */
  check: () => Promise<string[]>
}

/** Watches from now on; programs need to do nothing for it. */
export function sampleApplications (): SampleApplications {
  const scopes = new Set<FastifyInstance>()
  let checking = false
  let found: string[] = []
  const ask = async (): Promise<void> => {
    const applications = new Set([...scopes].flatMap(({ mcp }) => mcp === undefined ? [] : [mcp.application]))
    scopes.clear()
    checking = true
    for (const application of applications) found.push(...await faultsOf(application))
    checking = false
  }
  subscribe('fastify.initialization', message => {
    if (checking) return
    const { fastify } = message as { fastify: FastifyInstance }
    scopes.add(fastify)
    fastify.addHook('onRegister', scope => { scopes.add(scope) })
    // A program that closes its server closes the application with it.
    fastify.addHook('preClose', ask)
  })
  return {
    async check () {
      await ask()
      const faults = found
      found = []
      return faults
    }
  }
}

interface Answer {
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number }
}

/** Serves an application on an endpoint of our own, without the authentication and the hosts of its program. */
async function faultsOf (application: McpApplication): Promise<string[]> {
  const app = Fastify()
  // It is not closed with our endpoint: it belongs to the program.
  const accept: McpApplication['accept'] = exchange => application.accept(exchange)
  await app.register(mcpStreamable, { application: { revisions: application.revisions, accept }, response: 'json' })
  const faults = [
    ...application.revisions.some(revision => revision < MODERN) ? await legacyFaults(app) : [],
    ...application.revisions.includes(MODERN) ? await modernFaults(app) : []
  ]
  await app.close()
  return faults
}

/** The basic scenarios of the conformance suite: initialize, ping, the list of tools, unknown methods. */
async function legacyFaults (app: FastifyInstance): Promise<string[]> {
  let session = {}
  const ask = async (method: string, params: object = {}): Promise<Answer> => {
    const payload = { jsonrpc: '2.0', id: 1, method, params }
    const reply = await app.inject({ method: 'POST', url: '/mcp', payload, headers: { host: 'localhost', accept: '*/*', ...session } })
    const { 'mcp-session-id': id } = reply.headers
    if (typeof id === 'string') session = { 'mcp-session-id': id }
    return reply.json()
  }
  const hello = await ask('initialize', HELLO)
  const { protocolVersion, capabilities, serverInfo } = hello.result ?? {}
  const faults = fault('initialize', typeof protocolVersion === 'string' && isObject(capabilities) && isObject(serverInfo), hello)
  const ping = await ask('ping')
  faults.push(...fault('ping', ping.result !== undefined && Object.keys(ping.result).length === 0, ping))
  const list = await ask('tools/list')
  const offersTools = isObject(capabilities) && 'tools' in capabilities
  faults.push(...fault('tools/list', offersTools ? Array.isArray(list.result?.tools) : list.error?.code === -32601, list))
  for (const method of UNKNOWN) {
    const answer = await ask(method)
    faults.push(...fault(`the unknown method ${method}`, answer.error?.code === -32601, answer))
  }
  return faults
}

async function modernFaults (app: FastifyInstance): Promise<string[]> {
  const _meta = { 'io.modelcontextprotocol/protocolVersion': MODERN, 'io.modelcontextprotocol/clientCapabilities': {} }
  const ask = async (method: string): Promise<Answer> => {
    const headers = { host: 'localhost', accept: '*/*', 'mcp-protocol-version': MODERN, 'mcp-method': method }
    return (await app.inject({ method: 'POST', url: '/mcp', payload: { jsonrpc: '2.0', id: 1, method, params: { _meta } }, headers })).json()
  }
  const found = await ask('server/discover')
  const { supportedVersions, capabilities } = found.result ?? {}
  const faults = fault('server/discover', Array.isArray(supportedVersions) && supportedVersions.includes(MODERN) && isObject(capabilities), found)
  const answer = await ask('no/such')
  return [...faults, ...fault('an unknown method of the modern era', answer.error?.code === -32601, answer)]
}

function fault (what: string, right: boolean, answer: Answer): string[] {
  return right ? [] : [`the application answers ${what} with ${JSON.stringify(answer)}`]
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
