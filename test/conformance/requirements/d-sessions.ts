import { application, legacy, modern, rule, streamable } from '../requirement.ts'

/** Sessions. */
export const sessions = [
  rule('D-1', 'MAY', legacy, 'a session id is given with the initialize result, and only there'),
  rule('D-2', 'MUST', legacy, 'a session id is visible ASCII and cannot be guessed'),
  rule('D-3', 'MUST†', legacy, 'an id that could not be ours is unknown'),
  rule('D-4', 'MUST', legacy, 'a session id is sent with everything that follows'),
  rule('D-5', 'MUST†', legacy, 'initialize within a live session is 400, with a stale id it opens a new one'),
  rule('D-6', 'SHOULD', legacy, 'a missing session id is 400'),
  rule('D-7', 'MUST', legacy, 'an unknown, ended or expired session is 404 for every method'),
  rule('D-8', 'MUST', legacy, '404 leads to a new initialize'),
  rule('D-9', 'SHOULD', legacy, 'a session that is done is deleted'),
  rule('D-10', 'MUST†', legacy, 'DELETE closes streams, fails waiting requests, aborts handlers and forgets events'),
  rule('D-11', 'MUST†', legacy, 'sessions end when idle or too old; open streams and running requests keep them'),
  rule('D-12', 'MUST†', legacy, 'sessions are capped, never at the cost of another principal'),
  rule('D-13', 'MUST NOT', streamable, 'a session id stands for a credential'),
  rule('D-14', 'SHOULD', legacy, 'a session is bound to its principal'),
  rule('D-15', 'MUST†', legacy, 'it is bound to the identity, not to the bytes of a token'),
  rule('D-16', 'MUST†', legacy, 'the session of another principal looks unknown'),
  rule('D-17', 'MUST†', legacy, 'an unknown session is 404 with a credential and 401 without'),
  rule('D-18', 'MUST†', legacy, 'session ids are shortened in logs and never in URLs'),
  rule('D-19', 'MAY', legacy, 'without sessions no id is given, GET and DELETE are 405'),
  rule('D-20', 'MUST†', legacy, 'tasks and subscriptions belong to the session that made them', application),
  rule('D-21', 'MUST', modern, 'handles of tools are parameters and authorized per call', application)
]
