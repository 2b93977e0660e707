/** What every result of the modern era carries, and what an `input_required` one may ask for. */
import { metaOf } from './envelope.ts'
import * as MetaKey from './meta-key.ts'
import * as ErrorCode from './error-code.ts'
import { errorResponse } from './error-codes.ts'
import { isObject, type JsonObject, type JsonRpcRequest, type JsonRpcResponse, type JsonRpcResult } from './json-rpc.ts'
import { isCacheable, mayRequireInput } from './methods.ts'

/**
 * Completes an application's result for the wire: `resultType`, and the caching hints where the method needs them, are
 * added with their safest value when absent (E-5, E-51). A result that breaks a rule of the era becomes the error that
 * says so (E-55…E-57).
 */
export function completeResult (request: JsonRpcRequest, response: JsonRpcResult): JsonRpcResponse {
  const result = response.result
  if (result.resultType === 'input_required') return checkInputRequired(request, response)
  const cacheable = isCacheable(request.method) && (result.resultType ?? 'complete') === 'complete'
  if (result.resultType !== undefined && (!cacheable || ('ttlMs' in result && 'cacheScope' in result))) return response
  const completed: JsonObject = cacheable
    ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...result }
    : { resultType: 'complete', ...result }
  return { jsonrpc: '2.0', id: response.id, result: completed }
}

function checkInputRequired (request: JsonRpcRequest, response: JsonRpcResult): JsonRpcResponse {
  if (!mayRequireInput(request.method)) return broken(request)
  const { inputRequests, requestState } = response.result
  if (inputRequests === undefined && requestState === undefined) return broken(request)
  if (inputRequests !== undefined && !isObject(inputRequests)) return broken(request)
  const required: JsonObject = {}
  for (const input of Object.values(inputRequests ?? {})) {
    const capability = isObject(input) ? capabilityFor(input) : undefined
    if (capability === undefined) return broken(request)
    if (!declares(request, capability)) addPath(required, capability)
  }
  if (Object.keys(required).length === 0) return response
  return errorResponse(request.id, ErrorCode.MissingRequiredClientCapability, 'The client did not declare a capability this needs', {
    requiredCapabilities: required
  })
}

/** Path of the capability a client must declare to be asked this. */
function capabilityFor (input: JsonObject): readonly string[] | undefined {
  const params = isObject(input.params) ? input.params : {}
  switch (input.method) {
    case 'elicitation/create':
      return ['elicitation', params.mode === 'url' ? 'url' : 'form']
    case 'sampling/createMessage':
      return params.tools === undefined && params.toolChoice === undefined ? ['sampling'] : ['sampling', 'tools']
    case 'roots/list':
      return ['roots']
    default:
      return undefined
  }
}

function declares (request: JsonRpcRequest, path: readonly string[]): boolean {
  let value: unknown = metaOf(request)?.[MetaKey.ClientCapabilities]
  for (const key of path) {
    // A client that names no mode of elicitation means forms (E-57).
    if (key === 'form' && isObject(value) && value.url === undefined) return true
    value = isObject(value) ? value[key] : undefined
  }
  return isObject(value)
}

function addPath (tree: JsonObject, path: readonly string[]): void {
  for (const key of path) {
    const branch = tree[key]
    const next: JsonObject = isObject(branch) ? branch : {}
    tree[key] = next
    tree = next
  }
}

function broken (request: JsonRpcRequest): JsonRpcResponse {
  return errorResponse(request.id, ErrorCode.InternalError, 'Internal error')
}
