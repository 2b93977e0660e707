import { useEffect, useRef, useState } from 'preact/hooks'
import { CUT_MS, type Playground } from '../playground/playground.ts'
import { WireRow } from './wire-row.tsx'

/** Everything that crosses the network, as it happens. */
export function WirePanel ({ playground }: { readonly playground: Playground }) {
  const entries = playground.log.entries.value
  const open = playground.streams.value
  const { events, comments } = playground.log.counts.value
  const [follows, setFollows] = useState(true)
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    if (follows && list.current !== null) list.current.scrollTop = list.current.scrollHeight
  }, [entries, follows])
  return (
    <section class='panel wire' aria-labelledby='wire-title'>
      <div class='panel-head'>
        <h2 id='wire-title'>On the wire</h2>
        <p class='wire-state' role='status'>{counted(open, 'stream')} open, {counted(events, 'event')}, {counted(comments, 'keep-alive')}</p>
      </div>
      <div class='wire-tools'>
        <button type='button' disabled={open === 0} onClick={() => playground.cut()}>Cut the connection for {CUT_MS / 1000} s</button>
        <button type='button' disabled={entries.length === 0} onClick={() => playground.log.clear()}>Clear</button>
        <div class='check'>
          <input type='checkbox' id='follows' checked={follows} onChange={event => setFollows(event.currentTarget.checked)} />
          <label for='follows'>Follow</label>
        </div>
      </div>
      {entries.length === 0
        ? <p class='empty'>Connect, and every request, answer and event shows up here: with ids, retries and keep-alives.</p>
        : (
          <ol class='wire-list' ref={list} tabIndex={0} aria-label='Requests, answers and events'>
            {entries.map(entry => <WireRow key={entry.key} entry={entry} />)}
          </ol>
          )}
    </section>
  )
}

function counted (count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}
