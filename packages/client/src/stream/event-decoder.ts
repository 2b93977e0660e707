import { createParser } from 'eventsource-parser'
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
 * Bytes of an event stream → events. Feeding throws when an event is longer than `eventCharacters`.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventDecoder (eventCharacters: number, { onEvent, onRetry = () => {} }: EventHandlers): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder()
  const tooLarge = () => new MCP_CLIENT_TOO_LARGE(`an event of more than ${eventCharacters} characters`)
  let overflown = false
  const parser = createParser({
    maxBufferSize: eventCharacters,
    onEvent: event => {
      if (event.data.length > eventCharacters) throw tooLarge()
      onEvent(event)
    },
    onError: error => { overflown ||= error.type === 'max-buffer-size-exceeded' },
    onRetry
  })
  // The parser holds a CR back until it has seen what follows, which may never come: it is given LF alone.
  let afterCr = false
  return chunk => {
    let text = decoder.decode(chunk, { stream: true })
    if (text === '') return
    if (afterCr && text.startsWith('\n')) text = text.slice(1)
    afterCr = afterCr && text === ''
    if (text.includes('\r')) {
      afterCr = text.endsWith('\r')
      text = text.replace(/\r\n?/g, '\n')
    }
    parser.feed(text)
    if (overflown) throw tooLarge()
  }
}
