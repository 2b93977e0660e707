import { token } from '../shell/credential.ts'
import { Notice } from '../ui/notice.tsx'
import type { Refused } from './node-watch.ts'

/** Why there is nothing to see, and what to do about it. */
export function NodeRefused ({ refused, scope }: { readonly refused: Refused, readonly scope: string | null }) {
  return (
    <div class='node'>
      <h1>This node</h1>
      {refused === 'unreachable' && <Notice kind='bad' title='The node does not answer'>It is asked again every second.</Notice>}
      {refused === 'elsewhere' && (
        <Notice kind='plain' title='Only for this machine'>
          The live view answers browsers on the machine the server runs on, without a proxy between. With <code>MCP_AUTH</code> it answers
          whoever is authorized instead.
        </Notice>
      )}
      {refused === 'credential' && (
        <>
          <Notice kind='plain' title='Only for those who are authorized'>
            The live view needs a credential with the scope <code>{scope}</code>.
          </Notice>
          <div class='field'>
            <label for='node-token'>Bearer token</label>
            <input
              id='node-token' type='password' autocomplete='off' value={token.value}
              onInput={event => { token.value = event.currentTarget.value }}
            />
          </div>
        </>
      )}
    </div>
  )
}
