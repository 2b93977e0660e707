/** Event streams as the standard reads them, in its own words: slow, whole, and plainly right. */

export interface ModelEvent {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: string
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
export function readStream (bytes: Uint8Array): { events: ModelEvent[], retries: number[] } {
  const text = new TextDecoder().decode(bytes)
  const lines = text.split(/\r\n|\r|\n/)
  // What follows the last line end is no line yet.
  lines.pop()
  const events: ModelEvent[] = []
  const retries: number[] = []
  let id: string | undefined
  let event: string | undefined
  let data: string[] = []
  for (const line of lines) {
    if (line === '') {
      if (data.length > 0) events.push({ id, event, data: data.join('\n') })
      id = event = undefined
      data = []
      continue
    }
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value === '' ? undefined : value
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^[0-9]+$/.test(value)) retries.push(Number(value))
  }
  return { events, retries }
}
