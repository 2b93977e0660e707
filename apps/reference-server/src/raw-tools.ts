import type { JsonObject } from '@mcp/protocol'
import { MAX_BURST, MAX_COUNTDOWN } from './limits.ts'

/** What `tools/list` of the raw application answers. */
export const rawTools: readonly JsonObject[] = [
  {
    name: 'echo',
    description: 'Answers with the text it was given',
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string', description: 'What to send back' } },
      required: ['text']
    }
  },
  {
    name: 'burst',
    description: 'Sends progress notifications as fast as the client reads them, then answers',
    inputSchema: {
      type: 'object',
      properties: { count: integer(MAX_BURST, 'How many progress notifications to send') },
      required: ['count']
    }
  },
  {
    name: 'countdown',
    description: 'Reports progress once a second, then answers; can be cancelled',
    inputSchema: {
      type: 'object',
      properties: { seconds: integer(MAX_COUNTDOWN, 'How long to count') },
      required: ['seconds']
    }
  }
]

function integer (maximum: number, description: string): JsonObject {
  return { type: 'integer', minimum: 0, maximum, description }
}
