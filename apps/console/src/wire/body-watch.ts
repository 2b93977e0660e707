import { createParser } from 'eventsource-parser'
import { pretty, summary } from './summary.ts'
import type { WireEntry } from './wire-entry.ts'

/** A reply that is no stream is shown up to here. */
const MAX_BODY = 64 * 1024

export type Note = (entry: Pick<WireEntry, 'kind' | 'text' | 'id' | 'detail'>) => void

/** Reads along with a body, and notes what is in it. */
export interface BodyWatch {
  readonly streams: boolean
  chunk (bytes: Uint8Array): void
  end (): void
}

/** An event stream: events, comments and retries one by one. What cannot be read is the client's to complain about. */
export function streamWatch (note: Note): BodyWatch {
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      const text = event === undefined || event === 'message' ? described(data) : `${event} ${data}`
      note({ kind: 'event', text, ...(id !== undefined && { id }), detail: pretty(data) })
    },
    onComment: comment => note({ kind: 'comment', text: comment.trim() === '' ? 'keep-alive' : comment.trim() }),
    onRetry: ms => note({ kind: 'retry', text: `come back after ${ms} ms` })
  })
  return {
    streams: true,
    chunk: bytes => parser.feed(decoder.decode(bytes, { stream: true })),
    end: () => {}
  }
}

/** Anything else: as a whole, at its end. */
export function plainWatch (note: Note): BodyWatch {
  const decoder = new TextDecoder()
  let text = ''
  return {
    streams: false,
    chunk: bytes => { if (text.length < MAX_BODY) text += decoder.decode(bytes, { stream: true }) },
    end: () => { if (text !== '') note({ kind: 'body', text: summary(text), detail: pretty(text) }) }
  }
}

/** An event without data only carries its id. */
function described (data: string): string {
  return data === '' ? 'empty event, for its id' : summary(data)
}
