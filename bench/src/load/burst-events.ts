/** The events of a burst, as text. */

interface Message {
  readonly id?: number
  readonly params?: { readonly progress?: number }
  readonly result?: { readonly content?: ReadonlyArray<{ readonly text?: string }> }
}

const DATA = 'data: '
/** Begins the data of an event that carries a message. */
const MESSAGE = `${DATA}{`

/** Counts the events of a stream that arrives in pieces. A server may split an event between two HTTP chunks. */
export class EventCounter {
  count = 0
  #tail = ''

  add (piece: string): void {
    const text = this.#tail + piece
    for (let at = text.indexOf(MESSAGE); at !== -1; at = text.indexOf(MESSAGE, at + MESSAGE.length)) this.count++
    // Too short to hold a whole beginning of an event, so nothing is counted twice.
    this.#tail = text.slice(-(MESSAGE.length - 1))
  }
}

export function messagesIn (text: string): string[] {
  return text.split('\n').filter(line => line.startsWith(MESSAGE)).map(line => line.slice(DATA.length))
}

/** @throws where an event is missing, doubled or out of order, or the result of request `id` is not the last one. */
export function checkBurst (texts: readonly string[], numbers: { readonly first: number, readonly last: number }, id: number): void {
  const messages = texts.map(text => JSON.parse(text) as Message)
  const result = messages.pop()
  const wrong = messages.findIndex((message, i) => message.params?.progress !== numbers.first + i)
  const complete = messages.length === numbers.last - numbers.first + 1 && wrong === -1
  if (complete && result?.id === id && result.result?.content?.[0]?.text === `${numbers.last} events`) return
  throw new Error(`Events are missing or out of order (${messages.length} events, first wrong: ${wrong}), last:\n${texts.at(-1)}`)
}
