import t from 'tap'
import { isCacheable, isRemovedInModern, ListChanged, mayRequireInput, mirroredName, RESOURCE_UPDATED } from '../src/index.ts'

const METHODS = [
  'server/discover', 'tools/list', 'tools/call', 'prompts/list', 'prompts/get', 'resources/list', 'resources/templates/list',
  'resources/read', 'completion/complete', 'subscriptions/listen', 'initialize', 'ping', 'logging/setLevel', 'resources/subscribe',
  'resources/unsubscribe', 'tasks/get', 'tasks/update', 'tasks/cancel', 'tasks/list', 'tasks/result', 'constructor', ''
]
const those = (test: (method: string) => unknown) => METHODS.filter(test)

t.test('B-19: what 2026-07-28 removed', async t => {
  t.same(those(isRemovedInModern), ['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])
})

t.test('E-13: what Mcp-Name mirrors', async t => {
  t.same(those(method => mirroredName(method) === 'name'), ['tools/call', 'prompts/get'])
  t.same(those(method => mirroredName(method) === 'uri'), ['resources/read'])
  t.same(those(method => mirroredName(method) === 'taskId'), ['tasks/get', 'tasks/update', 'tasks/cancel'])
  t.same(those(method => mirroredName(method) !== undefined).length, 6)
})

t.test('E-51: what carries caching hints', async t => {
  t.same(those(isCacheable), ['server/discover', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read'])
})

t.test('E-55: what may ask for input', async t => {
  t.same(those(mayRequireInput), ['tools/call', 'prompts/get', 'resources/read'])
})

t.test('change notifications and what asks for them', async t => {
  t.same(ListChanged, {
    'notifications/tools/list_changed': 'toolsListChanged',
    'notifications/prompts/list_changed': 'promptsListChanged',
    'notifications/resources/list_changed': 'resourcesListChanged'
  })
  t.equal(RESOURCE_UPDATED, 'notifications/resources/updated')
})
