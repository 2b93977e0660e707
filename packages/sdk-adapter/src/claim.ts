import { notAServer, sharedInstance, wrongGeneration } from './errors.ts'

// Shared by all applications of the process: a server of one is as wrong in another.
const claimed = new WeakSet<object>()

/**
 * Takes what a factory returned for one session or request, once and for all.
 *
 * @throws {SdkAdapterError} when it is no server, one of the other SDK generation, or one that was taken before.
 */
export function claim (product: unknown, generation: 'v1' | 'v2'): void {
  if (!isConnectable(product)) throw notAServer(product === null ? 'null' : typeof product)
  const inner: unknown = Reflect.get(product, 'server')
  const server = isConnectable(inner) ? inner : product
  const isV2 = typeof Reflect.get(server, 'getNegotiatedProtocolVersion') === 'function'
  if (isV2 && generation === 'v1') throw wrongGeneration('@modelcontextprotocol/server 2.x', 'sdkApplication of @mcp/sdk-adapter')
  if (!isV2 && generation === 'v2') throw wrongGeneration('@modelcontextprotocol/sdk 1.x', 'sdkV1Application of @mcp/sdk-adapter/v1')
  if (claimed.has(server) || Reflect.get(server, 'transport') !== undefined) throw sharedInstance()
  claimed.add(server)
}

function isConnectable (value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'connect') === 'function'
}
