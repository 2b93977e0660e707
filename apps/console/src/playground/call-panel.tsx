import type { Call, CallState, Progress } from './call.ts'
import { ResultView } from './result-view.tsx'

/** What became of a call. */
export function CallPanel ({ call, onCancel }: { readonly call: Call, readonly onCancel: () => void }) {
  const state = call.state.value
  return (
    <section class='panel' aria-labelledby='call-title'>
      <div class='panel-head'>
        <h2 id='call-title'>{call.tool}</h2>
        <p class='call-state' role='status'>{said(state)}</p>
      </div>
      {state.kind === 'running' && (
        <div class='running'>
          <ProgressBar progress={call.progress.value} />
          <button type='button' onClick={onCancel}>Cancel the call</button>
        </div>
      )}
      {state.kind === 'answered' && <ResultView result={state.result} />}
      {state.kind === 'failed' && <p class='failed'>{state.message}</p>}
    </section>
  )
}

function ProgressBar ({ progress }: { readonly progress: Progress | null }) {
  if (progress === null) return <progress aria-label='Progress' />
  const { total, message } = progress
  return (
    <div class='progress'>
      <progress aria-label='Progress' value={total === undefined ? undefined : progress.progress} max={total} />
      <span>{message ?? `${progress.progress}${total === undefined ? '' : ` of ${total}`}`}</span>
    </div>
  )
}

function said (state: CallState): string {
  switch (state.kind) {
    case 'running': return 'running'
    case 'answered': return `${state.result.isError === true ? 'answered with an error' : 'answered'} in ${state.milliseconds} ms`
    case 'failed': return `failed after ${state.milliseconds} ms`
  }
}
