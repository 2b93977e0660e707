/** Where routes lie, for every way in which Fastify lets a prefix and a path be written. */
import type { FastifyInstance } from 'fastify'

/** `/api` for `/api`, `/api/` and `api`; empty for `/` and for no prefix. */
export function normalPrefix (prefix: string | undefined): string {
  const bare = (prefix ?? '').replace(/^\/+|\/+$/g, '')
  return bare === '' ? '' : `/${bare}`
}

/** A path below the prefix of a scope, as Fastify joins them: of the slashes where they meet one stays. */
export function below (scope: FastifyInstance, path: string): string {
  return scope.prefix.replace(/\/$/, '') + path
}

/** The URLs that serve a path: without and with a slash at its end, each once where the router makes no difference. */
export function urlsOf (scope: FastifyInstance, path: string): string[] {
  const bare = path.replace(/\/+$/, '')
  if (bare === '') return ['/']
  return ignoresTrailingSlash(scope) ? [bare] : [bare, `${bare}/`]
}

/** Fastify takes the option in two places, and shows it where it was given. */
function ignoresTrailingSlash ({ initialConfig }: FastifyInstance): boolean {
  const router: unknown = Reflect.get(initialConfig, 'routerOptions')
  return [initialConfig, Object(router) as object].some(options => Reflect.get(options, 'ignoreTrailingSlash') === true)
}
