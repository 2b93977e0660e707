import type { ServerFacts } from '../contract.d.ts'
import type { Playground } from '../playground/playground.ts'
import { StateMark } from '../ui/state-mark.tsx'
import { VIEWS, type Hash } from './route.ts'

interface Props {
  readonly hash: Hash
  readonly facts: ServerFacts | null
  readonly playground: Playground
}

export function Header ({ hash, facts, playground }: Props) {
  return (
    <header class='top'>
      <div class='top-inner'>
        <div class='brand'>
          <Mark />
          <span class='brand-name'>MCP reference server</span>
          {facts !== null && <span class='brand-note'>{facts.application} application</span>}
        </div>
        <nav aria-label='Views'>
          <ul>
            {VIEWS.map(view => (
              <li key={view.hash}>
                <a href={view.hash} aria-current={view.hash === hash ? 'page' : undefined}>
                  {view.label}
                  {view.hash === '#/playground' && playground.state.value !== 'closed' && <StateMark state={playground.state.value} />}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
    </header>
  )
}

/** Three strands that meet: the eras of the protocol on one endpoint. */
function Mark () {
  return (
    <svg class='mark' viewBox='0 0 24 24' width='24' height='24' aria-hidden='true'>
      <path d='M3 5h5c4 0 4 7 8 7h5M3 19h5c4 0 4-7 8-7M3 12h13' fill='none' stroke='currentColor' stroke-width='2' stroke-linecap='round' />
    </svg>
  )
}
