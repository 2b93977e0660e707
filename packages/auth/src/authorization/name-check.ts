/** Warnings about names in rules: a misspelled name protects nothing. */
import { clientMethods, OfferCheck, type CatalogueKind, type OfferReport } from '@mcp/protocol'
import type { AuthorizationRule, RuleBook } from './rule.ts'
import { matcher } from './wildcard.ts'

export interface NameLog {
  info (details: object, message: string): void
  warn (details: object, message: string): void
}

/** What is compared with the lists of the application. */
export type NameCheck = Pick<OfferCheck, 'add'>

/** A line of the log shows this many names. */
const MAX_SHOWN = 20

/** `null` when there is nothing to compare. */
export function nameCheck (book: RuleBook, log: NameLog): NameCheck | null {
  const { names } = book
  if (names.tool.length + names.prompt.length + names.resource.length === 0) return null
  return new OfferCheck(names, report => { tell(report, book, log) })
}

function tell ({ unknown, unlisted, offered }: OfferReport, book: RuleBook, log: NameLog): void {
  for (const { kind, name, similar } of unknown) {
    log.warn({ [kind]: name, ...(similar !== undefined && { similar }) }, `a rule names a ${kind} that the application does not offer`)
  }
  for (const kind of unlisted) log.info({ kind }, 'names in rules not checked: the application did not list its entries of this kind')
  for (const kind of Object.keys(offered) as CatalogueKind[]) {
    const unreachable = offered[kind]?.filter(name => !book.isNamed({ kind, name })) ?? []
    if (unreachable.length === 0) continue
    log.info({ kind, count: unreachable.length, names: unreachable.slice(0, MAX_SHOWN) }, 'entries denied to every client: no rule names them')
  }
}

/** Rules may name methods of an application of its own, so an unknown one is no error. */
export function checkMethods (rules: readonly AuthorizationRule[], log: NameLog): void {
  for (const pattern of rules.flatMap(({ method }) => method ?? [])) {
    if (clientMethods().some(matcher(pattern))) continue
    log.warn({ method: pattern }, 'a rule names a method that is not part of MCP: it protects nothing unless the application serves this method')
  }
}
