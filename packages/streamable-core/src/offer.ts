/** What the application offers, for gates whose rules name tools, prompts or resources. */
import { eraOf, isObject, type McpApplication, type Offered, type Revision } from '@mcp/protocol'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { ExchangeHost } from './exchange-host.ts'
import { ask } from './internal-exchange.ts'
import { isThenable } from './returned.ts'

const MAX_PAGES = 100

/**
 * Asks the application itself, without a caller: what rules hide is part of the offer. A list that the application answers with an error,
 * or not within ten seconds, is left out.
 */
export async function offerOf (application: McpApplication, revisions: readonly Revision[], log: FastifyBaseLogger): Promise<Offered> {
  const revision = revisions.find(known => eraOf(known) === 'modern') ?? revisions[0]
  if (revision === undefined) return {}
  const list = (method: string, entries: string, name: string): Promise<string[] | null> =>
    namesIn(application, revision, log, method, entries, name)
  const [tool, prompt, resources, templates] = await Promise.all([
    list('tools/list', 'tools', 'name'),
    list('prompts/list', 'prompts', 'name'),
    list('resources/list', 'resources', 'uri'),
    list('resources/templates/list', 'resourceTemplates', 'uriTemplate')
  ])
  const resource = resources === null && templates === null ? null : [...resources ?? [], ...templates ?? []]
  return { ...(tool !== null && { tool }), ...(prompt !== null && { prompt }), ...(resource !== null && { resource }) }
}

async function namesIn (
  application: McpApplication, revision: Revision, log: FastifyBaseLogger, method: string, entries: string, name: string
): Promise<string[] | null> {
  const names: string[] = []
  let cursor: unknown
  for (let page = 0; page < MAX_PAGES; page++) {
    const source = { principal: null, request: { method: 'POST', url: '', headers: {} }, log }
    const answer = await ask(runner(application), method, cursor === undefined ? {} : { cursor }, revision, source)
    if (answer === null || !('result' in answer) || !Array.isArray(answer.result[entries])) return null
    const listed: readonly unknown[] = answer.result[entries]
    for (const entry of listed) if (isObject(entry) && typeof entry[name] === 'string') names.push(entry[name])
    cursor = answer.result.nextCursor
    if (typeof cursor !== 'string') return names
  }
  return names
}

/** Runs exchanges as the endpoint does, without what the endpoint does about callers. */
function runner (application: McpApplication): Pick<ExchangeHost, 'run'> {
  return {
    run: exchange => {
      try {
        const returned: unknown = application.accept(exchange)
        if (isThenable(returned)) returned.then(value => exchange.settled(value, true), error => exchange.fail(error))
        else exchange.settled(returned, false)
      } catch (error) {
        exchange.fail(error)
      }
    }
  }
}

/** Called in an `onReady` hook: resolves when all of them have run. The `ready` of a scope does not wait for hooks; the root's does. */
export async function whenReady (scope: FastifyInstance): Promise<void> {
  let root: object = scope
  let parent: unknown = scope
  while (typeof parent === 'object' && parent !== null && 'ready' in parent) {
    root = parent
    parent = Object.getPrototypeOf(parent)
  }
  await (root as FastifyInstance).ready()
}
