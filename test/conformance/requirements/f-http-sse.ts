import { all, rule, sse } from '../requirement.ts'

/** The transport of 2024-11-05, and life beside it. */
export const httpSse = [
  rule('F-1', 'MUST', sse, 'two endpoints: a stream and one for messages'),
  rule('F-2', 'MUST', sse, 'the first event names the endpoint for messages'),
  rule('F-3', 'MUST', sse, 'every message of the server is an event; POSTs get 202'),
  rule('F-4', 'MUST', sse, 'the client sends everything to the announced URI'),
  rule('F-5', 'MUST†', sse, 'the session in the URI is random, 400 without, 404 when unknown, no credential'),
  rule('F-6', 'MUST†', sse, 'whoever POSTs is who opened the stream'),
  rule('F-7', 'MUST†', sse, 'wrong types, bodies, sizes and methods are refused'),
  rule('F-8', 'MUST', sse, 'origins and hosts are checked on both endpoints'),
  rule('F-9', 'MUST†', sse, 'the session ends with its stream'),
  rule('F-10', 'MUST†', sse, 'stream headers and keep-alive, no priming'),
  rule('F-11', 'SHOULD†', sse, 'the announced URI honours prefixes'),
  rule('F-12', 'MUST†', sse, 'initialize negotiates 2024-11-05 and later legacy versions'),
  rule('F-13', 'MAY', all, 'one URL serves both transports'),
  rule('F-14', 'MUST†', all, 'HTTP+SSE is off by default and shares authentication and limits'),
  rule('F-15', 'MUST†', sse, 'the client refuses an endpoint of another origin'),
  rule('F-16', 'MUST†', sse, 'a second endpoint event redirects nothing'),
  rule('F-17', 'MUST†', sse, '204 stops, 401 authorizes once, a lost stream begins anew')
]
