import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { AuthorizationGate } from './authorization/gate.ts'
import { checkMethods, nameCheck } from './authorization/name-check.ts'
import { RuleBook } from './authorization/rule.ts'
import { ScopeBook } from './authorization/scopes.ts'
import { Challenges } from './challenge.ts'
import { openDesks } from './desks.ts'
import { MCP_AUTH_ALREADY_REGISTERED } from './errors.ts'
import { BearerGate } from './gate.ts'
import { documentsOf } from './metadata/documents.ts'
import { IssuerMetadata } from './metadata/issuer-metadata.ts'
import { audiencesOf, metadataUrl } from './metadata/resource-metadata.ts'
import { serveWellKnown } from './metadata/well-known.ts'
import type { McpAuthOptions } from './options.ts'
import { createOutgoing } from './outgoing/index.ts'
import { Refusals } from './refusals.ts'
import { checkAuthOptions, type Settings } from './settings.ts'

const plugin: FastifyPluginAsync<McpAuthOptions> = async (fastify, options) => {
  // A scope sees the decorators of its parents; having its own beside theirs is fine.
  if (Object.hasOwn(fastify, 'mcpAuth')) throw new MCP_AUTH_ALREADY_REGISTERED()
  const settings = checkAuthOptions(options)
  const outgoing = createOutgoing(settings.outgoing)
  fastify.addHook('onClose', () => outgoing.close())

  const onError = (issuer: string, error: unknown): void => {
    fastify.log.error({ issuer, reason: error instanceof Error ? error.message : String(error) }, 'keys or metadata of an issuer not fetched')
  }
  const metadata = metadataOf(issuer => new IssuerMetadata(outgoing, issuer, error => onError(issuer, error)))
  const audiences = settings.resource === undefined ? [] : audiencesOf(settings.resource)
  const { desks, close } = await openDesks(settings, { outgoing, audiences, metadata, onError }, fastify.log)
  fastify.addHook('onClose', close)

  const { resource, authorizationServers } = settings
  const refusals = new Refusals(new Challenges({
    resourceMetadata: resource === undefined || authorizationServers.length === 0 ? undefined : metadataUrl(resource),
    realm: settings.realm ?? 'mcp',
    scopes: settings.scopes?.challenge ?? []
  }))
  fastify.decorate('mcpAuth', new BearerGate(desks, refusals, fastify.log))
  if (!fastify.hasRequestDecorator('mcpPrincipal')) fastify.decorateRequest('mcpPrincipal', null)
  addAuthorization(fastify, settings, refusals)
  serveWellKnown(fastify, documentsOf(settings, metadata), settings.resource)
}

/** One per issuer, whoever asks first. */
function metadataOf (make: (issuer: string) => IssuerMetadata): (issuer: string) => IssuerMetadata {
  const made = new Map<string, IssuerMetadata>()
  return issuer => {
    const metadata = made.get(issuer) ?? make(issuer)
    made.set(issuer, metadata)
    return metadata
  }
}

function addAuthorization (fastify: FastifyInstance, settings: Settings, refusals: Refusals): void {
  const { rules, authorize, scopes, defaultPolicy } = settings
  if (rules.length === 0 && authorize === undefined && defaultPolicy !== 'deny') return
  checkMethods(rules, fastify.log)
  const book = new RuleBook(rules, defaultPolicy)
  // A list of its own keeps the gates of a scope from its siblings.
  if (!Object.hasOwn(fastify, 'mcpGates')) fastify.decorate('mcpGates', [...fastify.mcpGates ?? []])
  fastify.mcpGates?.push(new AuthorizationGate(book, new ScopeBook(scopes?.hierarchy), authorize, refusals, nameCheck(book, fastify.log)))
}

/** Decorates the scope with `fastify.mcpAuth`, which says who is calling, and serves the well-known paths of OAuth. */
export const mcpAuth: FastifyPluginAsync<McpAuthOptions> = fp(plugin, { fastify: '5.x', name: '@mcp/auth' })

export default mcpAuth
