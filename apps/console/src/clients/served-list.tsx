import { eraOf, isRevision } from '@mcp/protocol'
import type { ComponentChildren } from 'preact'
import type { ServerFacts } from '../contract.d.ts'

const STORAGE: Readonly<Record<ServerFacts['storage'], string>> = {
  memory: 'In memory: a restart ends sessions',
  sqlite: 'SQLite: a restart keeps every client connected',
  redis: 'Redis: shared by every node that uses it'
}

/** Revisions, transports, sessions and who may call. */
export function ServedList ({ facts, url }: { readonly facts: ServerFacts, readonly url: string }) {
  const { revisions, sessions, httpSse, auth, storage, path } = facts
  const root = url.endsWith(path) ? url.slice(0, -path.length) : ''
  return (
    <section class='panel' aria-labelledby='served-title'>
      <h2 id='served-title'>What is served</h2>
      <dl class='facts'>
        <Fact name='Revisions'>
          <ul class='pills'>{revisions.map(revision => <Revision key={revision} revision={revision} />)}</ul>
        </Fact>
        <Fact name='Streamable HTTP'>{sessions ? 'With sessions and resumable streams' : 'Without sessions: every request stands alone'}</Fact>
        <Fact name='HTTP+SSE'>{httpSse === null ? <>Off. <code>MCP_LEGACY_SSE=on</code> turns it on</> : <code>{root + httpSse.stream}</code>}</Fact>
        <Fact name='Storage'>{STORAGE[storage]}</Fact>
        <Fact name='Who may call'>{callers(auth)}</Fact>
      </dl>
    </section>
  )
}

function Fact ({ name, children }: { readonly name: string, readonly children: ComponentChildren }) {
  return (
    <div class='fact'>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Revision ({ revision }: { readonly revision: string }) {
  const era = isRevision(revision) ? eraOf(revision) : 'modern'
  return <li class='pill' data-era={era}>{revision}<span class='pill-note'>{era}</span></li>
}

function callers ({ mode, issuers }: ServerFacts['auth']): string {
  switch (mode) {
    case 'off': return 'Anybody who reaches it'
    case 'api-key': return 'Holders of an API key'
    default: return `Holders of a token of ${issuers.join(' or ')}`
  }
}
