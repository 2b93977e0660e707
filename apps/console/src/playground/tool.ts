/** What `tools/list` says, as far as the page uses it. Pure. */
import { isObject, type JsonObject } from '@mcp/protocol'

export interface Tool {
  readonly name: string
  readonly title: string | undefined
  readonly description: string | undefined
  readonly inputSchema: unknown
}

/** Pages that are read of one list at most. */
const MAX_PAGES = 50

type Ask = (method: string, params: JsonObject) => Promise<JsonObject>

export async function listTools (ask: Ask): Promise<readonly Tool[]> {
  const tools: Tool[] = []
  let cursor: unknown
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await ask('tools/list', typeof cursor === 'string' ? { cursor } : {})
    if (Array.isArray(result.tools)) tools.push(...result.tools.flatMap(toolOf))
    cursor = result.nextCursor
    if (typeof cursor !== 'string') break
  }
  return tools
}

function toolOf (value: unknown): Tool[] {
  if (!isObject(value) || typeof value.name !== 'string') return []
  const { name, title, description, inputSchema } = value
  return [{
    name,
    title: typeof title === 'string' ? title : undefined,
    description: typeof description === 'string' ? description : undefined,
    inputSchema
  }]
}
