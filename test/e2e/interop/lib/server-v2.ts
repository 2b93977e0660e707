/** A server of SDK 2.x with what the reference server does not offer, and a look into its handlers. */
import { inputRequired, inputResponse, McpServer, type CallToolResult } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** What handlers report to the test. */
export class Probe {
  readonly #seen: string[] = []
  #waiting: Array<() => void> = []

  put (what: string): void {
    this.#seen.push(what)
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Resolves once it was reported; the timeout of the test is the limit. */
  async saw (what: string): Promise<true> {
    while (!this.#seen.includes(what)) await new Promise<void>(resolve => this.#waiting.push(resolve))
    return true
  }
}

export const PAGES = [['res://1', 'res://2'], ['res://3'], ['res://4', 'res://5']] as const

export function serverV2 (probe: Probe): McpServer {
  const capabilities = { resources: {}, logging: {}, tools: { listChanged: true } }
  const server = new McpServer({ name: 'own-v2', title: 'Own', version: '1.0.0' }, { capabilities })
  registerContent(server)
  registerQuestions(server)

  server.registerTool('hang', { inputSchema: z.object({ key: z.string() }) }, async ({ key }, { mcpReq: { signal } }) => {
    probe.put(`started ${key}`)
    await new Promise(resolve => { signal.addEventListener('abort', resolve) })
    probe.put(`aborted ${key}`)
    return text('too late')
  })

  server.registerTool('grow', { description: 'Adds a tool, which the SDK announces' }, () => {
    server.registerTool('grown', {}, () => text('new'))
    return text('grown')
  })

  server.server.setRequestHandler('resources/list', ({ params }) => {
    const page = Number(params?.cursor ?? 0)
    const resources = (PAGES[page] ?? []).map(uri => ({ uri, name: uri }))
    return { resources, ...(page + 1 < PAGES.length && { nextCursor: String(page + 1) }) }
  })
  return server
}

function registerContent (server: McpServer): void {
  server.registerTool('structured', {
    title: 'Structured',
    annotations: { readOnlyHint: true, title: 'Reads' },
    inputSchema: z.object({ city: z.string() }),
    outputSchema: z.object({ city: z.string(), celsius: z.number() })
  }, ({ city }) => ({ ...text(`21.5° in ${city}`), structuredContent: { city, celsius: 21.5 } }))

  server.registerTool('link', {}, () => ({
    content: [{ type: 'resource_link', uri: 'res://1', name: 'one', annotations: { audience: ['user'], priority: 0.5 } }]
  }))
}

function registerQuestions (server: McpServer): void {
  server.registerTool('push', { description: 'Asks with requests of its own, as legacy servers do' }, async () => {
    const form = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
    const asked = await server.server.elicitInput({ message: 'Name?', requestedSchema: form })
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Capital?' } }]
    const sampled = await server.server.createMessage({ messages, maxTokens: 10 })
    const { roots } = await server.server.listRoots()
    return text(JSON.stringify([asked.content, sampled.content, roots.map(root => root.uri)]))
  })

  server.registerTool('visit', { description: 'Sends the user to a URL' }, context => {
    const answer = inputResponse(context.mcpReq.inputResponses, 'visit')
    if (answer.kind === 'elicit') return text(`visited: ${answer.action}`)
    return inputRequired({ inputRequests: { visit: inputRequired.elicitUrl({ message: 'Sign in', url: 'https://example.com/sign-in' }) } })
  })
}

function text (value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] }
}
