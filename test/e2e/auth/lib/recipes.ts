import { createApiKey, mcpAuth, type ApiKey, type McpAuthOptions } from '@mcp/auth'
import { textOf } from '../../../lib/workspace.ts'

export interface Recipe {
  readonly name: string
  /** What the page gives to `app.register()`. */
  readonly options: McpAuthOptions
  /** API keys that were made on the way, with what is kept of each. */
  readonly keys: ReadonlyArray<{ readonly key: string, readonly entry: ApiKey }>
}

/** The blocks of a page that register `mcpAuth`, run as they stand; `surroundings` are names they take for granted. */
export async function recipesOf (page: string, surroundings: Readonly<Record<string, unknown>>): Promise<Recipe[]> {
  const recipes: Recipe[] = []
  for (const [, name = '', , code = ''] of textOf(page).matchAll(/^### (.+)\n((?:(?!^#)[\s\S])*?)^```js\n([\s\S]*?)^```/gm)) {
    recipes.push({ name, ...await run(code, surroundings) })
  }
  return recipes
}

async function run (code: string, surroundings: Readonly<Record<string, unknown>>): Promise<Omit<Recipe, 'name'>> {
  const keys: Array<ReturnType<typeof createApiKey>> = []
  const registered: McpAuthOptions[] = []
  const names = {
    ...surroundings,
    mcpAuth,
    createApiKey: (options: Parameters<typeof createApiKey>[0]) => {
      const made = createApiKey(options)
      keys.push(made)
      return made
    },
    app: { register: async (_plugin: unknown, options: McpAuthOptions) => { registered.push(options) } }
  }
  const module = `export default async ({ ${Object.keys(names).join(', ')} }) => {\n${code}}`
  const { default: recipe } = await import(`data:text/javascript,${encodeURIComponent(module)}`)
  await recipe(names)
  const [options] = registered
  if (options === undefined) throw new Error(`nothing was registered:\n${code}`)
  return { options, keys }
}
