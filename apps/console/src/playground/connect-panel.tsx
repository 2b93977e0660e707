import { useState } from 'preact/hooks'
import type { ServerFacts } from '../contract.d.ts'
import { token } from '../shell/credential.ts'
import { urlOf } from '../shell/facts.ts'
import { Notice } from '../ui/notice.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { isSpeech, speechGroups, type Speech } from './choice.ts'
import type { Playground } from './playground.ts'

interface Props {
  readonly facts: ServerFacts
  readonly playground: Playground
}

/** Which revision to speak, with which credential, and what came of it. */
export function ConnectPanel ({ facts, playground }: Props) {
  const [speech, setSpeech] = useState<Speech>('auto')
  const state = playground.state.value
  const connected = state !== 'closed'
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const addresses = { endpoint: urlOf(facts.path), ssePath: urlOf(facts.httpSse?.stream ?? '/sse') }
    const done = connected ? playground.disconnect() : playground.connect(speech, addresses, token.value.trim())
    done.catch(error => playground.failed(error))
  }
  return (
    <section class='panel' aria-labelledby='connect-title'>
      <div class='panel-head'>
        <h2 id='connect-title'>Connection</h2>
        <StateMark state={state} label />
      </div>
      <form class='connect' onSubmit={submit}>
        <div class='field'>
          <label for='speech'>Revision</label>
          <select id='speech' value={speech} disabled={connected} onChange={({ currentTarget: { value } }) => { if (isSpeech(value)) setSpeech(value) }}>
            <option value='auto'>Automatic</option>
            {speechGroups(facts).map(({ label, choices }) => (
              <optgroup key={label} label={label}>
                {choices.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
              </optgroup>
            ))}
          </select>
        </div>
        <div class='field'>
          <label for='token'>Bearer token{facts.auth.mode === 'off' && <span class='required'> not needed</span>}</label>
          <input
            id='token' type='password' autocomplete='off' value={token.value} disabled={connected}
            onInput={event => { token.value = event.currentTarget.value }}
          />
        </div>
        <button type='submit' class={connected ? '' : 'primary'}>{connected ? 'Disconnect' : 'Connect'}</button>
      </form>
      <Spoken playground={playground} />
      {playground.trouble.value !== null && <Notice kind='bad' title='The connection has trouble'>{playground.trouble.value}</Notice>}
    </section>
  )
}

/** What was agreed on. */
function Spoken ({ playground }: { readonly playground: Playground }) {
  const link = playground.link.value
  if (link === null) return null
  const { revision, era, transport, sessionId } = link
  return (
    <p class='spoken' role='status'>
      {transport}, revision <strong>{revision}</strong> ({era})
      {sessionId !== undefined && <>, session <code title={sessionId}>{sessionId.slice(0, 8)}…</code></>}
    </p>
  )
}
