import { acceptedContent, completable, inputRequired, type McpServer, type PromptMessage } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { completeWord } from './completion.ts'
import { embedded, pixelBlock } from './content.ts'
import { textForm } from './forms.ts'

const twoArguments = z.object({
  arg1: completable(z.string().describe('First test argument'), completeWord),
  arg2: completable(z.string().describe('Second test argument'), completeWord)
})
const resourceArgument = z.object({ resourceUri: z.string().describe('URI of the resource to embed') })
const contextAnswer = z.object({ context: z.string() })

export function registerPrompts (server: McpServer): void {
  server.registerPrompt('test_simple_prompt', {
    description: 'A prompt without arguments'
  }, () => ({ messages: [said('This is a simple prompt for testing.')] }))

  server.registerPrompt('test_prompt_with_arguments', {
    description: 'A prompt with two arguments, both with completion',
    argsSchema: twoArguments
  }, ({ arg1, arg2 }) => ({ messages: [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }))

  server.registerPrompt('test_prompt_with_embedded_resource', {
    description: 'A prompt that embeds a resource',
    argsSchema: resourceArgument
  }, ({ resourceUri }) => ({
    messages: [
      { role: 'user', content: embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.') },
      said('Please process the embedded resource above.')
    ]
  }))

  server.registerPrompt('test_prompt_with_image', {
    description: 'A prompt with an image'
  }, () => ({ messages: [{ role: 'user', content: pixelBlock }, said('Please analyze the image above.')] }))

  server.registerPrompt('test_input_required_result_prompt', {
    description: 'A prompt that first asks the user for its context'
  }, context => {
    const answer = acceptedContent(context.mcpReq.inputResponses, 'user_context', contextAnswer)
    if (answer !== undefined) return { messages: [said(`Use this context: ${answer.context}`)] }
    const message = 'What context should the prompt use?'
    return inputRequired({ inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema: textForm('context') }) } })
  })
}

function said (words: string): PromptMessage {
  return { role: 'user', content: { type: 'text', text: words } }
}
