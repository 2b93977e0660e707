/** The methods clients of any revision may use. */
export const METHODS: readonly string[] = [
  'initialize', 'ping', 'server/discover', 'logging/setLevel', 'completion/complete',
  'tools/list', 'tools/call', 'prompts/list', 'prompts/get',
  'resources/list', 'resources/templates/list', 'resources/read', 'resources/subscribe', 'resources/unsubscribe',
  'subscriptions/listen', 'tasks/get', 'tasks/list', 'tasks/result', 'tasks/update', 'tasks/cancel',
  'notifications/initialized', 'notifications/cancelled', 'notifications/progress', 'notifications/roots/list_changed',
  'notifications/message', 'notifications/tasks/status'
]
