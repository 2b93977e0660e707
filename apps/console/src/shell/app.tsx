import { useEffect, useMemo, useState } from 'preact/hooks'
import { Overview } from '../clients/overview.tsx'
import type { ServerFacts } from '../contract.d.ts'
import { NodeView } from '../node/node-view.tsx'
import { PlaygroundView } from '../playground/playground-view.tsx'
import { Playground } from '../playground/playground.ts'
import { Notice } from '../ui/notice.tsx'
import { Header } from './header.tsx'
import { route, VIEWS } from './route.ts'

/** The page: who the server is, and one of three views of it. */
export function App ({ facts }: { readonly facts: Promise<ServerFacts> }) {
  const [served, setServed] = useState<ServerFacts | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  // It outlives its view, so that a stream can be watched while the node is.
  const playground = useMemo(() => new Playground(), [])
  useEffect(() => { facts.then(setServed, (error: Error) => setTrouble(error.message)) }, [facts])

  const hash = route.value
  const label = VIEWS.find(view => view.hash === hash)?.label ?? ''
  useEffect(() => { document.title = `${label} · MCP reference server` }, [label])

  return (
    <>
      <a class='skip' href='#main' onClick={skip}>Skip to the content</a>
      <Header hash={hash} facts={served} playground={playground} />
      <main id='main' tabIndex={-1}>
        {trouble !== null && <Notice kind='bad' title='The server does not answer'>{trouble}. Is it still running?</Notice>}
        {served !== null && hash === '#/' && <Overview facts={served} />}
        {served !== null && hash === '#/playground' && <PlaygroundView facts={served} playground={playground} />}
        {served !== null && hash === '#/node' && <NodeView facts={served} />}
      </main>
    </>
  )
}

/** The address names the view, so it must not change. */
function skip (event: MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
