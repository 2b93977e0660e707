import { notAServer, sharedInstance, wrongGeneration } from './errors.ts'
import { rememberTools } from './generated-dialect.ts'
import { guardAborts } from './guard-aborts.ts'

// Shared by all applications of the process: a server of one is as wrong in another.
const claimed = new WeakSet<object>()

/**
 * Claims what a factory returned for one session or request. Each server is claimed at most once.
 *
 * @throws {SdkAdapterError} when it is not a server, one of the other SDK generation, or one that was claimed before.
 */
export function claim<Product> (product: unknown, generation: 'v1' | 'v2'): asserts product is Product {
  if (!isConnectable(product)) throw notAServer(product === null ? 'null' : typeof product)
  const inner: unknown = Reflect.get(product, 'server')
  const server = isConnectable(inner) ? inner : product
  const isV2 = typeof Reflect.get(server, 'getNegotiatedProtocolVersion') === 'function'
  if (isV2 && generation === 'v1') throw wrongGeneration('@modelcontextprotocol/server 2.x', 'sdkApplication of @mcp/sdk-adapter')
  if (!isV2 && generation === 'v2') throw wrongGeneration('@modelcontextprotocol/sdk 1.x', 'sdkV1Application of @mcp/sdk-adapter/v1')
  if (claimed.has(server) || Reflect.get(server, 'transport') !== undefined) throw sharedInstance()
  claimed.add(server)
  guardAborts(server)
  rememberTools(server, product)
}

/** Whether a value looks like a server of either SDK generation. */
export function isConnectable (value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'connect') === 'function'
}
