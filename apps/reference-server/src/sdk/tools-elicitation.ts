import {
  inputRequired, inputResponse,
  type CallToolResult, type ElicitRequestFormParams, type InputRequiredResult, type McpServer, type ServerContext
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { text } from './content.ts'
import { choicesForm, confirmForm, contactForm, defaultsForm } from './forms.ts'

const elicitationInput = z.object({ message: z.string().describe('What to ask the user') })
const samplingInput = z.object({ prompt: z.string().describe('What to ask the model') })

/**
 * Tools that ask the user or the client's model. They return what they need to know, which serves both eras: a modern
 * client answers and calls again, a legacy client gets a request on the stream of the call.
 */
export function registerElicitationTools (server: McpServer): void {
  server.registerTool('test_elicitation', {
    description: 'Asks the user for a name and an email address',
    inputSchema: elicitationInput
  }, ({ message }, context) => ask(context, message, contactForm, 'User response'))

  server.registerTool('test_elicitation_sep1034_defaults', {
    description: 'Asks the user with a form that has a default for each type'
  }, context => ask(context, 'Please review the defaults', defaultsForm, 'Elicitation completed'))

  server.registerTool('test_elicitation_sep1330_enums', {
    description: 'Asks the user with a form of every kind of choice'
  }, context => ask(context, 'Please choose', choicesForm, 'Elicitation completed'))

  server.registerTool('test_streaming_elicitation', {
    description: 'Reports progress before and after it asks the user to confirm'
  }, async context => {
    const progressToken = context.mcpReq._meta?.progressToken
    // Legacy clients answer on the stream of the first round, where progress has to grow.
    const progress = context.mcpReq.inputResponses === undefined ? 1 : 2
    if (progressToken !== undefined) {
      await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 2 } })
    }
    return ask(context, 'Continue?', confirmForm, 'Elicitation completed')
  })

  server.registerTool('test_sampling', {
    description: "Asks the client's model",
    inputSchema: samplingInput
  }, ({ prompt }, context) => complete(context, prompt, 'LLM response'))

  server.registerTool('test_missing_capability', {
    description: 'Cannot work without the sampling capability of the client'
  }, context => complete(context, 'Say hello', 'LLM response'))
}

function ask (
  context: ServerContext, message: string, requestedSchema: ElicitRequestFormParams['requestedSchema'], label: string
): CallToolResult | InputRequiredResult {
  const answer = inputResponse(context.mcpReq.inputResponses, 'answer')
  if (answer.kind !== 'elicit') {
    return inputRequired({ inputRequests: { answer: inputRequired.elicit({ message, requestedSchema }) } })
  }
  return text(`${label}: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`)
}

function complete (context: ServerContext, prompt: string, label: string): CallToolResult | InputRequiredResult {
  const answer = inputResponse(context.mcpReq.inputResponses, 'completion')
  if (answer.kind !== 'sampling') {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }]
    return inputRequired({ inputRequests: { completion: inputRequired.createMessage({ messages, maxTokens: 100 }) } })
  }
  return text(`${label}: ${sampledText(answer.result.content)}`)
}

/** The text of a sampling result, whose content is one block or several. */
export function sampledText (content: unknown): string {
  const blocks = Array.isArray(content) ? content : [content]
  return blocks.map(block => block?.type === 'text' ? block.text : `[${block?.type}]`).join(' ')
}
