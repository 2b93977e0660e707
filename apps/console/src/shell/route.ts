import { signal } from '@preact/signals'

export interface View {
  readonly hash: string
  readonly label: string
}

export const VIEWS = [
  { hash: '#/', label: 'Overview' },
  { hash: '#/playground', label: 'Playground' },
  { hash: '#/node', label: 'This node' }
] as const satisfies readonly View[]

export type Hash = (typeof VIEWS)[number]['hash']

/** The view the address names; anything else is the first. */
export const route = signal<Hash>(named(globalThis.location?.hash))

globalThis.addEventListener?.('hashchange', () => { route.value = named(globalThis.location.hash) })

function named (hash: string | undefined): Hash {
  return VIEWS.find(view => view.hash === hash)?.hash ?? '#/'
}
