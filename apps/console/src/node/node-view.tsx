import { useEffect, useMemo } from 'preact/hooks'
import type { ServerFacts } from '../contract.d.ts'
import { token } from '../shell/credential.ts'
import { urlOf } from '../shell/facts.ts'
import { CountTable } from './count-table.tsx'
import { NodeFigures } from './node-figures.tsx'
import { NodeRefused } from './node-refused.tsx'
import { NodeWatch } from './node-watch.ts'
import { Sparkline } from './sparkline.tsx'

/** The node behind this page, live. */
export function NodeView ({ facts }: { readonly facts: ServerFacts }) {
  const watch = useMemo(() => new NodeWatch(urlOf(facts.admin.path), () => token.value.trim()), [facts])
  useEffect(() => watch.start(), [watch])
  const status = watch.status.value
  const rates = watch.rates.value
  const refused = watch.refused.value
  if (refused !== null) return <NodeRefused refused={refused} scope={facts.admin.scope} />
  if (status === null) return <h1 class='unseen'>This node</h1>
  const { requests, refusals, streams } = status.traffic
  return (
    <div class='node'>
      <h1 class='unseen'>This node</h1>
      <NodeFigures status={status} />
      <div class='charts'>
        <Sparkline title='Requests per second' values={rates.map(({ requests }) => requests)} />
        <Sparkline title='Events per second' values={rates.map(({ events }) => events)} />
      </div>
      <div class='tables'>
        <CountTable title='Requests by method' counts={requests.byMethod} none='No request yet' />
        <CountTable title='Requests by outcome' counts={requests.byOutcome} none='No request yet' />
        <CountTable title='Open streams by kind' counts={streams.byKind} none='No stream is open' />
        <CountTable title='Refusals by rung' counts={refusals} none='Nothing was turned away' />
      </div>
    </div>
  )
}
