import { acceptedContent, inputRequired, type McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { text } from './content.ts'
import { textForm } from './forms.ts'
import { requestState, type RoundState } from './request-state.ts'
import { askName } from './tools-input-required.ts'

const TOOL = 'multi_round'
const named = z.object({ name: z.string() })
const coloured = z.object({ color: z.string() })

/** A tool of three rounds: what the first learned reaches the last inside the sealed state alone. */
export function registerMultiRoundTool (server: McpServer): void {
  server.registerTool('test_input_required_result_multi_round', {
    description: 'Asks for a name, then for a colour, then answers'
  }, async context => {
    const state = context.mcpReq.requestState<RoundState>()
    const { inputResponses } = context.mcpReq

    if (state?.tool === TOOL && state.round === 2) {
      const answer = acceptedContent(inputResponses, 'step2', coloured)
      return answer === undefined ? askColour(state.name) : text(`${state.name} likes ${answer.color}`)
    }
    const answer = acceptedContent(inputResponses, 'step1', named)
    if (state?.tool === TOOL && answer !== undefined) return askColour(answer.name)
    return inputRequired({
      inputRequests: { step1: askName('Step 1: What is your name?') },
      requestState: await requestState.mint({ tool: TOOL, round: 1 }, context)
    })

    async function askColour (name = 'Somebody') {
      const step2 = inputRequired.elicit({ message: 'Step 2: What is your favorite color?', requestedSchema: textForm('color') })
      return inputRequired({
        inputRequests: { step2 },
        requestState: await requestState.mint({ tool: TOOL, round: 2, name }, context)
      })
    }
  })
}
