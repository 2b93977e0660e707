import { useState } from 'preact/hooks'
import { CodeBlock } from '../ui/code-block.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { snippets, type Target } from './snippet.ts'

/** Configuration to paste, one client at a time. */
export function SnippetPanel ({ target }: { readonly target: Target }) {
  const all = snippets(target)
  const [chosen, choose] = useState(all[0]?.id ?? '')
  const snippet = all.find(({ id }) => id === chosen)
  return (
    <section class='panel' aria-labelledby='snippets-title'>
      <h2 id='snippets-title'>Add it to a client</h2>
      <Tabs label='Clients' tabs={all.map(({ id, client }) => ({ id, label: client }))} chosen={chosen} onChoose={choose}>
        {snippet !== undefined && (
          <>
            <p class='place'>{snippet.place}</p>
            <CodeBlock text={snippet.text} label={`configuration for ${snippet.client}`} />
            {snippet.hint !== undefined && <p class='hint'>{snippet.hint}</p>}
          </>
        )}
      </Tabs>
    </section>
  )
}
