/** Hides what a caller may not know of: lists leave it out, and asking for it is answered like what does not exist (G-20). */
import {
  isObject, isRequest, isResponseMessage, type CatalogueKind, type Exchange, type JsonObject, type JsonRpcMessage, type JsonRpcRequest,
  type McpApplication, type Principal
} from '@mcp/protocol'
import { randomBytes } from 'node:crypto'
import { VeiledExchange } from './veiled-exchange.ts'

/** Whether a principal may know of a tool, prompt or resource. */
export type Sees = (kind: CatalogueKind, name: string, principal: Principal | null) => boolean

interface Catalogue {
  readonly kind: CatalogueKind
  /** Where the result keeps the entries, and what they are named by. */
  readonly entries: string
  readonly name: string
}

const LISTS: Readonly<Record<string, Catalogue>> = {
  'tools/list': { kind: 'tool', entries: 'tools', name: 'name' },
  'prompts/list': { kind: 'prompt', entries: 'prompts', name: 'name' },
  'resources/list': { kind: 'resource', entries: 'resources', name: 'uri' },
  'resources/templates/list': { kind: 'resource', entries: 'resourceTemplates', name: 'uriTemplate' }
}

const TARGETS: Readonly<Record<string, readonly [CatalogueKind, string]>> = {
  'tools/call': ['tool', 'name'],
  'prompts/get': ['prompt', 'name'],
  'resources/read': ['resource', 'uri'],
  'resources/subscribe': ['resource', 'uri'],
  'resources/unsubscribe': ['resource', 'uri']
}

/** The application as those see it who may not see all of it. */
export function veil (application: McpApplication, sees: Sees): McpApplication {
  return {
    revisions: application.revisions,
    accept: exchange => {
      const seen = veiled(exchange, sees)
      const returned = application.accept(seen)
      return seen instanceof VeiledExchange ? seen.returned(returned) : returned
    },
    ...(application.close !== undefined && { close: () => application.close?.() ?? Promise.resolve() })
  }
}

function veiled (exchange: Exchange, sees: Sees): Exchange {
  const { message, principal } = exchange
  if (!isRequest(message)) return exchange
  const list = LISTS[message.method]
  if (list !== undefined) return new VeiledExchange(exchange, message, answer => thinned(answer, list, sees, principal))
  const target = targetOf(message)
  return target === null || sees(target.kind, target.name, principal) ? exchange : decoyed(exchange, message, target)
}

function thinned (answer: JsonRpcMessage, { kind, entries, name }: Catalogue, sees: Sees, principal: Principal | null): JsonRpcMessage {
  const listed = 'result' in answer ? answer.result[entries] : undefined
  if (!('result' in answer) || !Array.isArray(listed)) return answer
  const visible = listed.filter(entry => !isObject(entry) || sees(kind, String(entry[name]), principal))
  return { ...answer, result: { ...answer.result, [entries]: visible } }
}

interface Target {
  readonly kind: CatalogueKind
  readonly name: string
  /** The params with another name. */
  renamed (name: string): JsonObject
}

function targetOf ({ method, params }: JsonRpcRequest): Target | null {
  if (method === 'completion/complete' && isObject(params?.ref)) {
    const { ref } = params
    const [kind, member]: [CatalogueKind, string] = ref.type === 'ref/prompt' ? ['prompt', 'name'] : ['resource', 'uri']
    return { kind, name: String(ref[member]), renamed: name => ({ ...params, ref: { ...ref, [member]: name } }) }
  }
  const target = TARGETS[method]
  if (target === undefined) return null
  const [kind, member] = target
  return { kind, name: String(params?.[member]), renamed: name => ({ ...params, [member]: name }) }
}

/** Only the application knows how it answers what does not exist, so it is asked for something nobody can have named. */
function decoyed (exchange: Exchange, message: JsonRpcRequest, { kind, name, renamed }: Target): Exchange {
  const decoy = (kind === 'resource' ? 'unknown:' : 'unknown-') + randomBytes(12).toString('hex')
  const answered = (answer: JsonRpcMessage): JsonRpcMessage | null => {
    if (!isResponseMessage(answer)) return null
    const written = JSON.stringify(name).slice(1, -1)
    return JSON.parse(JSON.stringify(answer).replaceAll(decoy, () => written)) as JsonRpcMessage
  }
  return new VeiledExchange(exchange, { ...message, params: renamed(decoy) }, answered)
}
