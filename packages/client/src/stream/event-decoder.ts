import { MCP_CLIENT_TOO_LARGE } from '../errors.ts'

export interface ServerEvent {
  readonly id?: string | undefined
  readonly event?: string | undefined
  readonly data: string
}

export interface EventHandlers {
  readonly onEvent: (event: ServerEvent) => void
  /** Milliseconds the server asks to wait before reconnecting. */
  readonly onRetry?: (ms: number) => void
}

/**
 * Bytes of an event stream → events, each as soon as its last line has ended, be it by CR alone.
 * @returns Takes the next bytes. Throws MCP_CLIENT_TOO_LARGE when an event is longer than `eventCharacters`, and what the handlers throw.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventDecoder (eventCharacters: number, { onEvent, onRetry }: EventHandlers): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder()
  /** A line that has not ended yet. Only what is new is searched for its end: long lines come in many pieces. */
  let line = ''
  let afterCr = false
  let id: string | undefined
  let event: string | undefined
  let data: string | undefined

  const bound = (characters: number): void => {
    if (characters > eventCharacters) throw new MCP_CLIENT_TOO_LARGE(`an event of more than ${eventCharacters} characters`)
  }
  const dispatch = (): void => {
    const whole = { id, event, data: data ?? '' }
    const empty = data === undefined
    id = event = data = undefined
    if (!empty) onEvent(whole)
  }
  const take = (line: string): void => {
    if (line === '') return dispatch()
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line.startsWith(' ', colon + 1) ? colon + 2 : colon + 1)
    switch (name) {
      case 'data':
        data = data === undefined ? value : `${data}\n${value}`
        return bound(data.length)
      case 'id':
        if (!value.includes('\0')) id = value
        return
      case 'event':
        event = value || undefined
        return
      case 'retry':
        if (/^\d+$/.test(value)) onRetry?.(Number(value))
    }
  }

  return chunk => {
    let text = decoder.decode(chunk, { stream: true })
    if (text === '') return
    if (afterCr && text.startsWith('\n')) text = text.slice(1)
    afterCr = afterCr && text === ''
    if (text.includes('\r')) {
      afterCr = text.endsWith('\r')
      text = text.replace(/\r\n?/g, '\n')
    }
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const whole = line + text.slice(from, end)
      line = ''
      from = end + 1
      take(whole)
    }
    line += text.slice(from)
    bound(line.length + (data?.length ?? 0))
  }
}
