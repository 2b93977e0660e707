/** Event ids: which stream of the session, and where in it. */

/** Longest `Last-Event-ID` that is looked at. */
const MAX_LENGTH = 128
const EVENT_ID = /^([A-Za-z0-9-]{1,96})_(0|[1-9]\d{0,15})(?:_[A-Za-z0-9-]{1,32})?$/

export interface EventId {
  readonly stream: string
  /** Position of the last event the reader has; 0 before the first. */
  readonly position: number
}

/**
 * `stream` is made of letters, digits and hyphens, as is `mark`: it tells ids of one place apart where more than one event
 * has to name it, and means nothing when it comes back.
 */
export function formatEventId (stream: string, position: number, mark?: string): string {
  return mark === undefined ? stream + '_' + position : stream + '_' + position + '_' + mark
}

/** `null` for what {@link formatEventId} never made. */
export function parseEventId (value: string): EventId | null {
  if (value.length > MAX_LENGTH) return null
  const match = EVENT_ID.exec(value)
  const [, stream, position] = match ?? []
  return stream === undefined || position === undefined ? null : { stream, position: Number(position) }
}
