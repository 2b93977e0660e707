import type { ConnectionState } from '@mcp/client/browser'

const WORDS: Readonly<Record<ConnectionState, string>> = {
  connecting: 'connecting', open: 'connected', reconnecting: 'reconnecting', closed: 'not connected'
}

/** A dot that says how a connection is, also to those who do not see it. */
export function StateMark ({ state, label = false }: { readonly state: ConnectionState, readonly label?: boolean }) {
  return (
    <span class='state' data-state={state}>
      <span class={label ? 'state-label' : 'unseen'}>{WORDS[state]}</span>
    </span>
  )
}
