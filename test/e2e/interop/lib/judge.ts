/** Whether what a server put on the wire is what the specification allows. */
import { MetaKey, MODERN_REVISIONS, isObject, type Revision } from '@mcp/protocol'
import type { SpecTypeName } from '@modelcontextprotocol/client'
import { published, publishedFaults, sdkFaults } from '../../../../packages/streamable-core/test/wire-schemas.ts'
import { NOTIFICATIONS, REQUESTS, RESULTS } from './shapes.ts'
import type { Trip, Wire, WireMessage } from './wire.ts'

export { published }

/** From here on the schemas know responses by other names, and errors without id. */
const RENAMED: Revision = '2025-11-25'

/** Everything on this wire that the specification does not allow, one line each. */
export async function faultsOf (wire: Wire): Promise<string[]> {
  const asked = new Map<unknown, string>()
  const faults: string[] = []
  let legacy: Revision = RENAMED
  for (const trip of wire.trips) {
    for (const { id, method } of trip.sent) if (id !== undefined && method !== undefined) asked.set(id, method)
    legacy = negotiated(trip) ?? legacy
    const revision = claimed(trip) ?? legacy
    faults.push(...httpFaults(trip, revision), ...progressFaults(trip))
    for (const message of trip.messages) {
      const found = await messageFaults(message, revision, methodOf(trip, message, asked))
      faults.push(...found.map(fault => `${fault} in ${JSON.stringify(message).slice(0, 300)}`))
    }
  }
  return [...faults, ...repeated(wire)]
}

function httpFaults (trip: Trip, revision: Revision): string[] {
  const faults: string[] = []
  const modern = MODERN_REVISIONS.includes(revision) && trip.method === 'POST'
  if (trip.status === 202 && (trip.text !== '' || trip.replyHeaders.has('content-type'))) faults.push('A-35 a 202 with a body')
  if (modern && trip.eventIds.length > 0) faults.push('C-32 event ids in a modern stream')
  if (modern && trip.replyHeaders.has('mcp-session-id')) faults.push('B-28 a session id on a modern reply')
  const opening = trip.sent.some(message => message.method === 'initialize')
  if (trip.replyHeaders.has('mcp-session-id') && !opening) faults.push('D-1 a session id out of place')
  if (trip.status >= 500) faults.push(`an HTTP status of ${trip.status}`)
  return faults
}

function progressFaults ({ messages }: Trip): string[] {
  const reached = new Map<unknown, number>()
  return messages.flatMap(({ method, params }) => {
    if (method !== 'notifications/progress') return []
    const { progressToken, progress } = params ?? {}
    const before = reached.get(progressToken) ?? -1
    reached.set(progressToken, Number(progress))
    return Number(progress) > before ? [] : [`A-59 progress went from ${before} to ${progress}`]
  })
}

async function messageFaults (message: WireMessage, revision: Revision, method: string | undefined): Promise<string[]> {
  if (message.error !== undefined) return errorFaults(message, revision)
  if (message.result !== undefined) return resultFaults(message, message.result, revision, method)
  const name = message.id === undefined ? NOTIFICATIONS[message.method ?? ''] : REQUESTS[message.method ?? '']
  const envelope = message.id === undefined ? 'JSONRPCNotification' : 'JSONRPCRequest'
  if (name === undefined) return [`${message.method} is no message a server sends`]
  return check(message, revision, [envelope, name])
}

async function errorFaults (message: WireMessage, revision: Revision): Promise<string[]> {
  const faults = await sdkFaults('JSONRPCErrorResponse', message)
  if (!published || (message.id === undefined && revision < RENAMED)) return faults
  return [...faults, ...official(revision, revision < RENAMED ? 'JSONRPCError' : 'JSONRPCErrorResponse', message)]
}

async function resultFaults (message: WireMessage, result: object, revision: Revision, method: string | undefined): Promise<string[]> {
  const name = method === undefined ? undefined : RESULTS[method]
  if (name === undefined) return [`a response nobody waits for (${method})`]
  const faults = await sdkFaults('JSONRPCResultResponse', message)
  if (published) faults.push(...official(revision, revision < RENAMED ? 'JSONRPCResponse' : 'JSONRPCResultResponse', message))
  if ('resultType' in result && result.resultType === 'input_required') {
    return published ? [...faults, ...official(revision, 'InputRequiredResult', result)] : faults
  }
  return [...faults, ...await check(result, revision, [name])]
}

async function check (value: unknown, revision: Revision, names: readonly SpecTypeName[]): Promise<string[]> {
  const faults: string[] = []
  for (const name of names) {
    faults.push(...await sdkFaults(name, value))
    if (published) faults.push(...official(revision, name, value))
  }
  return faults
}

/** A revision that has no word for something does not know it, which is a fault too. */
function official (revision: Revision, name: string, value: unknown): string[] {
  try {
    return publishedFaults(revision, name, value)
  } catch (error) {
    return [String(error)]
  }
}

/** The method a response answers: that of its own POST first, for ids may be reused elsewhere. */
function methodOf (trip: Trip, { id }: WireMessage, asked: ReadonlyMap<unknown, string>): string | undefined {
  return trip.sent.find(sent => sent.id === id)?.method ?? asked.get(id)
}

/** The revision a request claims, as modern ones do. */
function claimed (trip: Trip): Revision | undefined {
  const meta = trip.sent[0]?.params?._meta
  const claim = isObject(meta) ? meta[MetaKey.ProtocolVersion] : undefined
  return MODERN_REVISIONS.find(revision => revision === claim)
}

function negotiated (trip: Trip): Revision | undefined {
  if (trip.sent[0]?.method !== 'initialize') return undefined
  const version = trip.messages.find(message => isObject(message.result))?.result?.protocolVersion
  return typeof version === 'string' ? version as Revision : undefined
}

/** Event ids are unique over all streams of a session; what a connection lost on its way comes again. */
function repeated (wire: Wire): string[] {
  const ids = wire.trips.filter(({ broken }) => !broken).flatMap(idsOf)
  return [ids, ...wire.trips.filter(({ broken }) => broken).map(idsOf)].flatMap(each => {
    const twice = each.filter((id, index) => each.indexOf(id) !== index)
    return twice.map(id => `C-22 event ${id} came twice`)
  })
}

function idsOf (trip: Trip): string[] {
  const session = trip.headers.get('mcp-session-id') ?? trip.replyHeaders.get('mcp-session-id') ?? ''
  return trip.eventIds.map(id => `${session}/${id}`)
}
