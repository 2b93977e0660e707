/** The clients the tests are run with, and how a test is run with each. */
import { LEGACY_REVISIONS, eraOf, type Revision } from '@mcp/protocol'
import type { Test } from 'tap'
import { closeAndJudge, type Peer, type PeerOptions } from './peer.ts'
import { connectV1 } from './peer-v1.ts'
import { connectV2, type V2Options } from './peer-v2.ts'
import type { Wire } from './wire.ts'

export interface Kind {
  readonly name: string
  readonly sdk: 1 | 2
  /** What it negotiates with a server that speaks everything. */
  readonly revision: Revision
  connect (url: string, options?: V2Options, wire?: Wire): Promise<Peer>
}

const MODERN: Revision = '2026-07-28'

function version2 (name: string, revision: Revision, client: V2Options['client']): Kind {
  return {
    name: `client 2.x ${name}`,
    sdk: 2,
    revision,
    connect: (url, options, wire) => connectV2(url, { ...options, client: { ...client, ...options?.client } }, wire)
  }
}

const legacyV2 = LEGACY_REVISIONS.map(revision => version2(`legacy ${revision}`, revision, { supportedProtocolVersions: [revision] }))
export const auto = version2('auto', MODERN, { versionNegotiation: { mode: 'auto' } })
export const pinned = version2('pinned', MODERN, { versionNegotiation: { mode: { pin: MODERN } } })
/** Without a word about versions, as most users have it. */
export const plain = version2('as it comes', '2025-11-25', {})
export const v1: Kind = { name: 'sdk 1.x', sdk: 1, revision: '2025-11-25', connect: (url, options, wire) => connectV1(url, options, wire) }

export const KINDS: readonly Kind[] = [...legacyV2, v1, auto, pinned]
export const LEGACY: readonly Kind[] = KINDS.filter(({ revision }) => eraOf(revision) === 'legacy')
export const MODERNS: readonly Kind[] = [auto, pinned]

export function since (revision: Revision): Kind[] {
  return KINDS.filter(kind => kind.revision >= revision)
}

export interface Run {
  readonly url: string
  readonly kinds?: readonly Kind[]
  readonly options?: PeerOptions
}

/** Runs a test once per client, each connected anew; what the server put on its wire is judged at the end. */
export function withEach (
  t: Test, name: string, { url, kinds = KINDS, options }: Run, body: (t: Test, peer: Peer, kind: Kind) => Promise<void>
): void {
  for (const kind of kinds) {
    t.test(`${name} (${kind.name})`, async t => {
      const peer = await kind.connect(url, options)
      t.teardown(() => peer.close())
      await body(t, peer, kind)
      t.strictSame(await closeAndJudge(peer), [], 'everything on the wire fits the schemas')
    })
  }
}
