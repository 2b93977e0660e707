import { MetaKey, isObject, type JsonObject } from '@mcp/protocol'
import {
  ProtocolError, ProtocolErrorCode, acceptedContent, inputRequired, inputResponse,
  type InputRequests, type McpServer, type ServerContext
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { text } from './content.ts'
import { confirmForm, textForm } from './forms.ts'
import { requestState, type RoundState } from './request-state.ts'
import { sampledText } from './tools-elicitation.ts'

const named = z.object({ name: z.string() })
const confirmed = z.object({ ok: z.boolean() })

/** Tools that answer only after one or more rounds of questions to the client (SEP-2322). */
export function registerInputRequiredTools (server: McpServer): void {
  server.registerTool('test_input_required_result_elicitation', {
    description: 'Asks the user for a name, then greets'
  }, context => {
    const answer = acceptedContent(context.mcpReq.inputResponses, 'user_name', named)
    return answer === undefined ? inputRequired({ inputRequests: { user_name: askName() } }) : text(`Hello, ${answer.name}!`)
  })

  server.registerTool('test_input_required_result_sampling', {
    description: "Asks the client's model for a capital"
  }, context => {
    const answer = inputResponse(context.mcpReq.inputResponses, 'capital_question')
    if (answer.kind === 'sampling') return text(sampledText(answer.result.content))
    return inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?', 100) } })
  })

  server.registerTool('test_input_required_result_list_roots', {
    description: 'Asks the client for its roots'
  }, context => {
    const answer = inputResponse(context.mcpReq.inputResponses, 'client_roots')
    if (answer.kind === 'roots') return text(`Client roots: ${answer.roots.map(root => root.uri).join(', ')}`)
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  })

  server.registerTool('test_input_required_result_multiple_inputs', {
    description: 'Asks the user, the model and the client in one round'
  }, async context => {
    const responses = context.mcpReq.inputResponses
    const user = acceptedContent(responses, 'user_name', named)
    const greeting = inputResponse(responses, 'greeting')
    const listed = inputResponse(responses, 'client_roots')
    if (user !== undefined && greeting.kind === 'sampling' && listed.kind === 'roots') {
      expectState(context, 'multiple_inputs')
      return text(`${sampledText(greeting.result.content)} ${user.name} (${listed.roots.length} roots)`)
    }
    return inputRequired({
      inputRequests: { user_name: askName(), greeting: askModel('Generate a greeting', 50), client_roots: inputRequired.listRoots() },
      requestState: await requestState.mint({ tool: 'multiple_inputs', round: 1 }, context)
    })
  })

  server.registerTool('test_input_required_result_capabilities', {
    description: 'Asks only for what the client says it can do'
  }, context => {
    if (context.mcpReq.inputResponses !== undefined) return text(`Answered: ${Object.keys(context.mcpReq.inputResponses).join(', ')}`)
    const inputRequests = questionsFor(server, context)
    if (Object.keys(inputRequests).length === 0) return text('The client can answer nothing')
    return inputRequired({ inputRequests })
  })

  registerConfirmation(server, 'test_input_required_result_request_state', 'request_state', 'state-ok')
  registerConfirmation(server, 'test_input_required_result_tampered_state', 'tampered_state', 'integrity-ok')
}

/** A tool that needs its sealed state back together with the confirmation. */
function registerConfirmation (server: McpServer, name: string, tool: string, answer: string): void {
  server.registerTool(name, {
    description: 'Asks the user to confirm and takes the answer only with the state it sealed'
  }, async context => {
    if (acceptedContent(context.mcpReq.inputResponses, 'confirm', confirmed) === undefined) {
      return inputRequired({
        inputRequests: { confirm: inputRequired.elicit({ message: 'Please confirm', requestedSchema: confirmForm }) },
        requestState: await requestState.mint({ tool, round: 1 }, context)
      })
    }
    expectState(context, tool)
    return text(answer)
  })
}

/** State of this tool; what was sealed is genuine by now, but may come from another tool or be missing. */
export function expectState (context: ServerContext, tool: string): RoundState {
  const state = context.mcpReq.requestState<RoundState>()
  if (state?.tool === tool) return state
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'requestState is missing or belongs to another call')
}

export function askName (message = 'What is your name?'): InputRequests[string] {
  return inputRequired.elicit({ message, requestedSchema: textForm('name') })
}

function askModel (prompt: string, maxTokens: number): InputRequests[string] {
  return inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens })
}

/** What a client may be asked: a modern one says so with each request, a legacy one said so in its handshake. */
function questionsFor (server: McpServer, context: ServerContext): InputRequests {
  const envelope: JsonObject | undefined = context.mcpReq.envelope
  const declared = envelope?.[MetaKey.ClientCapabilities] ?? server.server.getClientCapabilities()
  const capabilities = isObject(declared) ? declared : {}
  return {
    ...(capabilities.elicitation !== undefined && { user_name: askName() }),
    ...(capabilities.sampling !== undefined && { greeting: askModel('Generate a greeting', 50) }),
    ...(capabilities.roots !== undefined && { client_roots: inputRequired.listRoots() })
  }
}
