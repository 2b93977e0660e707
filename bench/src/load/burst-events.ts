/** The events of a burst, as text. */

interface Message {
  readonly id?: number
  readonly params?: { readonly progress?: number }
  readonly result?: { readonly content?: ReadonlyArray<{ readonly text?: string }> }
}

const DATA = 'data: '
/** Begins the data of an event that carries a message. */
const MESSAGE = `${DATA}{`

/** No event is split by an HTTP chunk in any of these servers, and a count that is off fails the run. */
export function countEvents (text: string): number {
  let count = 0
  for (let at = text.indexOf(MESSAGE); at !== -1; at = text.indexOf(MESSAGE, at + MESSAGE.length)) count++
  return count
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
