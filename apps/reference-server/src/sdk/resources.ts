import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server'
import { completeId } from './completion.ts'
import { PIXEL } from './content.ts'

/** The resource the change tools announce updates of, unless told otherwise. */
export const WATCHED_URI = 'test://watched-resource'

const TEMPLATE = 'test://template/{id}/data'

export function registerResources (server: McpServer): void {
  server.registerResource('static-text', 'test://static-text', {
    description: 'A text that never changes',
    mimeType: 'text/plain',
    cacheHint: { ttlMs: 3_600_000, cacheScope: 'public' }
  }, uri => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }] }))

  server.registerResource('static-binary', 'test://static-binary', {
    description: 'An image that never changes',
    mimeType: 'image/png',
    cacheHint: { ttlMs: 3_600_000, cacheScope: 'public' }
  }, uri => ({ contents: [{ uri: uri.href, mimeType: 'image/png', blob: PIXEL }] }))

  server.registerResource('watched-resource', WATCHED_URI, {
    description: 'The time of reading; updates are announced by test_trigger_resource_update',
    mimeType: 'text/plain'
  }, uri => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: new Date().toISOString() }] }))

  server.registerResource('template', new ResourceTemplate(TEMPLATE, { list: undefined, complete: { id: completeId } }), {
    description: 'Data of any id',
    mimeType: 'application/json'
  }, (uri, { id }) => {
    const body = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` })
    return { contents: [{ uri: uri.href, mimeType: 'application/json', text: body }] }
  })

  registerSubscriptions(server)
}

/** Legacy clients subscribe by request; who is told of an update is the business of the endpoint behind `publish`. */
function registerSubscriptions (server: McpServer): void {
  server.server.setRequestHandler('resources/subscribe', () => ({}))
  server.server.setRequestHandler('resources/unsubscribe', () => ({}))
}
