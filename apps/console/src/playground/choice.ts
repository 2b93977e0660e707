/** What the playground can speak. Pure. */
import { eraOf, isRevision, type Era, type Revision } from '@mcp/protocol'
import type { ServerFacts } from '../contract.d.ts'

/** `auto`: what both sides know best. A revision: that one over Streamable HTTP. `http+sse`: the transport of 2024-11-05. */
export type Speech = 'auto' | 'http+sse' | Revision

export interface SpeechGroup {
  readonly label: string
  readonly choices: ReadonlyArray<{ readonly value: Speech, readonly label: string }>
}

/** What is served beside `auto`, by era. The newest first, for that is what people try first. */
export function speechGroups ({ revisions, httpSse }: ServerFacts): readonly SpeechGroup[] {
  const served = revisions.filter(revision => isRevision(revision)).toReversed()
  const of = (era: Era) => served.filter(revision => eraOf(revision) === era).map(value => ({ value, label: value }))
  const groups: readonly SpeechGroup[] = [
    { label: 'Modern', choices: of('modern') },
    { label: 'Legacy', choices: of('legacy') },
    { label: 'Transport of 2024-11-05', choices: httpSse === null ? [] : [{ value: 'http+sse', label: 'HTTP+SSE' }] }
  ]
  return groups.filter(({ choices }) => choices.length > 0)
}

export function isSpeech (value: string): value is Speech {
  return value === 'auto' || value === 'http+sse' || isRevision(value)
}
