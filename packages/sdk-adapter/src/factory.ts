import { isConnectable } from './claim.ts'
import { badOption } from './errors.ts'

/**
 * @param application The function that was called, as its user wrote it.
 * @throws {SdkAdapterError} `MCP_SDK_BAD_OPTION`, for a server instead of a factory too: one server cannot serve several clients.
 */
export function checkFactory (factory: unknown, application: string): void {
  if (typeof factory !== 'function') throw badOption('factory', 'a function that returns a new server', describe(factory, application))
  if (isClass(factory)) throw badOption('factory', 'a function that returns a new server', `a class; write ${application}(() => new ${factory.name || 'McpServer'}(…))`)
}

function describe (factory: unknown, application: string): string {
  if (isConnectable(factory)) return `a server; write ${application}(() => new McpServer(…)), with everything you register on it inside of the function`
  if (factory instanceof Promise) return `a promise; write ${application}(async () => …)`
  return factory === null ? 'null' : typeof factory
}

/** A class throws when it is called without `new`, and only then. */
function isClass (factory: object & { readonly prototype?: unknown }): factory is { readonly name: string } {
  return /^class\b/.test(Function.prototype.toString.call(factory))
}
