import type { ServerFacts } from '../contract.d.ts'

/** Where this page is: everything else is found from here, also below a proxy's prefix. */
const here = (): URL => new URL('.', globalThis.location.href)

/** Asks the server beside this page what it serves. @throws Error */
export async function loadFacts (): Promise<ServerFacts> {
  const response = await fetch(new URL('console/facts.json', here()))
  if (!response.ok) throw new Error(`The server answers ${response.status} when asked what it serves`)
  return await response.json()
}

/** The absolute URL of a path of the server, as seen from this page. */
export function urlOf (path: string): string {
  return new URL(path.replace(/^\//, ''), here()).href
}
