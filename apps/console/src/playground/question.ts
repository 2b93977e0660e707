import { signal } from '@preact/signals'
import { isObject, type JsonObject } from '@mcp/protocol'

/** What the server asks the person at the page (`elicitation/create`). */
export interface Question {
  readonly message: string
  readonly schema: unknown
}

export type Answer =
  | { readonly action: 'accept', readonly content: JsonObject }
  | { readonly action: 'decline' | 'cancel' }

interface Pending extends Question {
  readonly resolve: (answer: Answer) => void
}

/** Questions one after another, in the order they came. */
export class Questions {
  readonly pending = signal<readonly Pending[]>([])

  /** @throws Error The server asks for something a page cannot do. */
  ask (method: string, params: unknown): Promise<Answer> {
    if (method !== 'elicitation/create') return Promise.reject(new Error(`This page cannot answer ${method}`))
    const asked = isObject(params) ? params : {}
    // A form is what this client says it can show.
    if (asked.mode !== undefined && asked.mode !== 'form') return Promise.resolve({ action: 'decline' })
    const question = { message: String(asked.message ?? ''), schema: asked.requestedSchema }
    return new Promise(resolve => { this.pending.value = [...this.pending.value, { ...question, resolve }] })
  }

  /** Answers the first one. */
  answer (answer: Answer): void {
    const [first, ...rest] = this.pending.value
    this.pending.value = rest
    first?.resolve(answer)
  }

  /** Nobody waits for answers any more. */
  drop (): void {
    for (const { resolve } of this.pending.value) resolve({ action: 'cancel' })
    this.pending.value = []
  }
}
