import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { text } from './content.ts'
import type { ChangeNotification, ServerSurroundings } from './context.ts'
import { WATCHED_URI } from './resources.ts'

const updateInput = z.object({ uri: z.string().default(WATCHED_URI).describe('Which resource to announce as updated') })

/** Tools that announce a change to every client that listens for it. */
export function registerChangeTools (server: McpServer, { publish }: ServerSurroundings): void {
  registerTrigger('test_trigger_tool_change', 'tools', 'notifications/tools/list_changed')
  registerTrigger('test_trigger_prompt_change', 'prompts', 'notifications/prompts/list_changed')
  registerTrigger('test_trigger_resource_change', 'resources', 'notifications/resources/list_changed')

  server.registerTool('test_trigger_resource_update', {
    description: 'Announces that a resource was updated',
    inputSchema: updateInput
  }, async ({ uri }) => {
    await publish({ method: 'notifications/resources/updated', params: { uri } })
    return text(`Announced an update of ${uri}`)
  })

  function registerTrigger (name: string, list: string, method: Exclude<ChangeNotification, { params: unknown }>['method']): void {
    server.registerTool(name, {
      description: `Announces that the list of ${list} changed`
    }, async () => {
      await publish({ method })
      return text(`Announced a change of the list of ${list}`)
    })
  }
}
