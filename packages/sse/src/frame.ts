/**
 * Server-Sent Events as text. Pure: what goes in comes out framed, or is refused.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { MCP_SSE_BAD_FIELD } from './errors.ts'

/** A comment: no event for the reader, a sign of life for every proxy between. */
export const KEEP_ALIVE = ':\n\n'

/**
 * One JSON-RPC message as one event. `json` is the text of `JSON.stringify`, which holds no line break, so it fits one
 * `data` line; `id` comes from `formatEventId`.
 */
export function messageFrame (json: string, id?: string): string {
  return id === undefined ? `data: ${json}\n\n` : `id: ${id}\ndata: ${json}\n\n`
}

/** An event without data that only tells the reader where the stream stands and how long to wait before it polls (C-14). */
export function primingFrame (id: string, retryMs: number): string {
  return `id: ${id}\nretry: ${retryMs}\ndata:\n\n`
}

/** Tells the reader how many milliseconds to wait before it comes back. Dispatches no event. */
export function retryFrame (retryMs: number): string {
  return `retry: ${retryMs}\n\n`
}

export interface SseEvent {
  readonly event?: string
  readonly id?: string
  readonly retryMs?: number
  readonly data: string
}

const LINE_BREAK = /\r\n|\r|\n/
const UNSAFE = /[\r\n\0]/

/**
 * Any event. Line breaks in `data` become several `data` lines.
 *
 * @throws {MCP_SSE_BAD_FIELD} when `event` or `id` holds CR, LF or NUL: it would end the line, or be ignored by readers.
 */
export function eventFrame (event: SseEvent): string {
  let frame = ''
  if (event.event !== undefined) frame += `event: ${line('event', event.event)}\n`
  if (event.id !== undefined) frame += `id: ${line('id', event.id)}\n`
  if (event.retryMs !== undefined) frame += `retry: ${Math.trunc(event.retryMs)}\n`
  for (const part of event.data.split(LINE_BREAK)) frame += `data: ${part}\n`
  return frame + '\n'
}

function line (field: string, value: string): string {
  if (UNSAFE.test(value)) throw new MCP_SSE_BAD_FIELD(field)
  return value
}
