import type { ServerFacts } from '../contract.d.ts'
import { urlOf } from '../shell/facts.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { ServedList } from './served-list.tsx'
import { SnippetPanel } from './snippet-panel.tsx'

/** What is served, and how to point a client at it. */
export function Overview ({ facts }: { readonly facts: ServerFacts }) {
  const url = facts.publicUrl ?? urlOf(facts.path)
  return (
    <div class='overview'>
      <section class='endpoint' aria-labelledby='overview-title'>
        <h1 id='overview-title'>One endpoint for every revision</h1>
        <p class='endpoint-url'>
          <code>{url}</code>
          <CopyButton text={url} label='the URL of the endpoint' />
        </p>
        <p class='endpoint-note'>
          Old and new clients use the same URL; what each speaks is decided per request. <a href='#/playground'>Try it in the playground</a>, or
          add it to a client.
        </p>
      </section>
      <ServedList facts={facts} url={url} />
      <SnippetPanel target={{ url, key: facts.auth.mode === 'api-key' }} />
    </div>
  )
}
