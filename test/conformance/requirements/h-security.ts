import { all, application, modern, oauthClient, rule, scoped } from '../requirement.ts'

/** What protects server and users. */
export const security = [
  rule('H-1', 'MUST', all, 'Origin is validated on every request'),
  rule('H-2', 'MUST', all, 'an Origin that is not allowed is 403'),
  rule('H-3', 'MUST†', all, 'an absent Origin passes, an unreadable one does not'),
  rule('H-4', 'MUST†', all, 'hosts are checked, by default on loopback'),
  rule('H-5', 'MUST†', all, 'in reach of others nothing is served unless it is meant'),
  rule('H-6', 'SHOULD', all, 'the server binds to loopback'),
  rule('H-7', 'MUST†', all, 'ambiguous, oversized and slow requests are refused'),
  rule('H-8', 'MUST†', all, 'forwarding headers count from known proxies alone'),
  rule('H-9', 'MUST†', all, 'CORS for allowed origins, with the headers MCP needs'),
  rule('H-10', 'MUST', all, 'calls are limited and access is controlled'),
  rule('H-11', 'MUST†', all, 'rate limits by address and principal; progress and log messages at a measured pace'),
  rule('H-12', 'MUST†', all, 'caps on what goes on at once'),
  rule('H-13', 'MUST†', all, 'everything has a largest size'),
  rule('H-14', 'MUST', modern, 'no schema is fetched; schemas are bounded'),
  rule('H-15', 'MUST†', scoped, 'our own requests reach nothing inside a network'),
  rule('H-16', 'MUST†', all, 'clients fetch by the same rules', oauthClient),
  rule('H-17', 'MUST', all, 'sessions cannot be hijacked nor events injected'),
  rule('H-18', 'MUST', all, 'proxies ask for consent of each client', 'a duty of servers that are OAuth proxies'),
  rule('H-19', 'MUST NOT', all, 'tokens are passed through'),
  rule('H-20', 'MUST†', all, 'logs hold no secrets and cannot be forged'),
  rule('H-21', 'MUST', scoped, 'forms never ask for passwords', application),
  rule('H-22', 'MUST NOT', all, 'annotations and icons of servers are trusted', 'a duty of clients with a user interface'),
  rule('H-23', 'MUST†', all, 'unknown and foreign sessions look alike'),
  rule('H-24', 'MUST†', all, 'what is echoed is short and clean')
]
