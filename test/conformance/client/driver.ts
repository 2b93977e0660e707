/**
 * The program the official suites judge: official clients over our transport. The CLI gives it the server's URL, and says in its
 * environment what to do there.
 */
import { connectHttp, sdkAuth, StreamableHttpClient, type OAuthFlowOptions, type SdkAuth } from '@mcp/client'
import {
  auth, Client, ClientCredentialsProvider, PrivateKeyJwtProvider, type ClientOptions, type OAuthClientProvider
} from '@modelcontextprotocol/client'
import { Agent, setGlobalDispatcher } from 'undici'
import { AgreeingProvider } from './provider.ts'

interface Context {
  readonly client_id?: string
  readonly client_secret?: string
  readonly private_key_pem?: string
  readonly signing_algorithm?: string
  readonly toolCalls?: ReadonlyArray<{ name: string, arguments: Record<string, unknown> }>
}

const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? ''
const version = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? ''
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as Context
const url = new URL(process.argv.at(-1) ?? '')
const modern = version >= '2026-07-28'

// The mock authorization servers give idle connections up after seconds, which are over soon on a busy machine: the OAuth flow uses
// each once.
setGlobalDispatcher(new Agent({ pipelining: 0 }))

if (scenario === 'sep-2322-client-request-state') await answerInputs()
else await runOfficial()

async function runOfficial (): Promise<void> {
  const transport = new StreamableHttpClient(url, scenario.startsWith('auth/') ? { auth: credentials() } : {})
  const capabilities = { elicitation: { form: { applyDefaults: true } } }
  const options: ClientOptions = modern ? { capabilities, versionNegotiation: { mode: 'auto' } } : { capabilities }
  const client = new Client({ name: 'conformance', version: '1.0.0' }, options)
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }))
  await client.connect(transport)
  await act(client)
  await client.close()
}

/** By hand: the official client takes no result without `resultType`, which clients must take for a complete one (E-6). */
async function answerInputs (): Promise<void> {
  const connection = await connectHttp(url, { capabilities: { elicitation: {} } })
  await connection.request('tools/list')
  for (const name of ['test_mrtr_echo_state', 'test_mrtr_unrelated', 'test_mrtr_no_state', 'test_mrtr_no_result_type']) {
    const { resultType, inputRequests, requestState } = await connection.request('tools/call', { name, arguments: {} })
    if (resultType !== 'input_required') continue
    const keys = Object.keys(inputRequests ?? {})
    const inputResponses = Object.fromEntries(keys.map(key => [key, { action: 'accept', content: { confirmed: true } }]))
    await connection.request('tools/call', { name, arguments: {}, inputResponses, ...(requestState !== undefined && { requestState }) })
  }
  await connection.close()
}

async function act (client: Client): Promise<void> {
  const { tools } = await client.listTools()
  const call = (name: string, input: Record<string, unknown> = {}): Promise<unknown> => client.callTool({ name, arguments: input })
  switch (scenario) {
    case 'json-schema-ref-no-deref':
      return
    case 'json-schema-2020-12-preservation': {
      const schema = tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema
      await call('json_schema_echo', { schema })
      return
    }
    case 'http-standard-headers': {
      const { resources } = await client.listResources()
      await client.readResource({ uri: resources[0]?.uri ?? '' })
      const { prompts } = await client.listPrompts()
      await client.getPrompt({ name: prompts[0]?.name ?? '' })
      await call(tools[0]?.name ?? '')
      return
    }
    case 'http-custom-headers':
      for (const { name, arguments: input } of context.toolCalls ?? []) await call(name, input)
      return
    case 'http-invalid-tool-headers':
      for (const { name } of tools) await call(name, { region: 'eu' })
      return
    default:
      if (tools[0] !== undefined) await call(tools[0].name, scenario.startsWith('tools') ? { a: 2, b: 3 } : {})
  }
}

/** The official OAuth flow, with a user who comes back at once. */
function credentials (): SdkAuth {
  const provider = providerOf()
  const flow = async (given: OAuthClientProvider, options: OAuthFlowOptions): Promise<'AUTHORIZED' | 'REDIRECT'> => {
    const outcome = await auth(given, options)
    if (outcome === 'AUTHORIZED' || !(given instanceof AgreeingProvider)) return outcome
    const { forceReauthorization, ...again } = options
    return auth(given, { ...again, authorizationCode: given.code, ...(given.iss !== undefined && { iss: given.iss }) })
  }
  return sdkAuth(provider, flow)
}

function providerOf (): OAuthClientProvider {
  const { client_id: clientId = '', client_secret: clientSecret, private_key_pem: privateKey } = context
  if (privateKey !== undefined) return new PrivateKeyJwtProvider({ clientId, privateKey, algorithm: context.signing_algorithm ?? 'ES256' })
  if (scenario === 'auth/client-credentials-basic' && clientSecret !== undefined) return new ClientCredentialsProvider({ clientId, clientSecret })
  if (clientSecret === undefined) return new AgreeingProvider()
  return new AgreeingProvider({ client_id: clientId, client_secret: clientSecret })
}
