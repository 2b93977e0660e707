import { useState } from 'preact/hooks'
import type { ServerFacts } from '../contract.d.ts'
import { WirePanel } from '../wire/wire-panel.tsx'
import { CallPanel } from './call-panel.tsx'
import { ConnectPanel } from './connect-panel.tsx'
import type { Playground } from './playground.ts'
import { QuestionPanel } from './question-panel.tsx'
import { ToolPanel } from './tool-panel.tsx'

interface Props {
  readonly facts: ServerFacts
  readonly playground: Playground
}

/** A client to play with: on the left what is asked, on the right what crosses the network. */
export function PlaygroundView ({ facts, playground }: Props) {
  const [chosen, choose] = useState<string>('')
  const tools = playground.tools.value
  // The fixtures of the conformance suite come first in the list; a person wants to try one of the others.
  const tool = tools.find(({ name }) => name === chosen) ?? tools.find(({ name }) => !name.startsWith('test_')) ?? tools[0]
  const call = playground.call.value
  const [question] = playground.questions.pending.value
  return (
    <div class='playground'>
      <h1 class='unseen'>Playground</h1>
      <div class='asking'>
        <ConnectPanel facts={facts} playground={playground} />
        {tool !== undefined && (
          <ToolPanel
            tools={tools} tool={tool} busy={call?.state.value.kind === 'running'} onChoose={choose}
            onCall={content => playground.start(tool, content)}
          />
        )}
        {question !== undefined && (
          <QuestionPanel key={question} question={question} onAnswer={answer => playground.questions.answer(answer)} />
        )}
        {call !== null && <CallPanel call={call} onCancel={() => playground.cancelCall()} />}
      </div>
      <WirePanel playground={playground} />
    </div>
  )
}
