import { useState } from 'preact/hooks'
import type { WireEntry, WireKind } from './wire-entry.ts'

/** What each kind is called in the second column. */
const WORDS: Readonly<Record<WireKind, string>> = {
  sent: 'sent', answered: 'answer', body: 'body', event: 'event', comment: 'comment', retry: 'retry', ended: 'ended', broken: 'broken'
}

/** One line of the log; one with more to show opens. */
export function WireRow ({ entry }: { readonly entry: WireEntry }) {
  const [open, setOpen] = useState(false)
  const { kind, text, id, detail } = entry
  return (
    <li class='wire-row' data-kind={kind}>
      <span class='wire-at'>{(entry.at / 1000).toFixed(2)}</span>
      <span class='wire-request' title={`HTTP request ${entry.request}`}>#{entry.request}</span>
      <span class='wire-kind'>{WORDS[kind]}</span>
      {detail === undefined
        ? <span class='wire-text'>{text}</span>
        : <button type='button' class='wire-text' aria-expanded={open} onClick={() => setOpen(!open)}>{text}</button>}
      {id !== undefined && <span class='wire-id' title={`Event id ${id}`}>id {id}</span>}
      {open && <pre class='wire-detail'>{detail}</pre>}
    </li>
  )
}
