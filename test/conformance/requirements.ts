import type { Requirement } from './requirement.ts'
import { messages } from './requirements/a-messages.ts'
import { ladder } from './requirements/b-ladder.ts'
import { streams } from './requirements/c-streams.ts'
import { sessions } from './requirements/d-sessions.ts'
import { modernEra } from './requirements/e-modern.ts'
import { httpSse } from './requirements/f-http-sse.ts'
import { authorization } from './requirements/g-authorization.ts'
import { security } from './requirements/h-security.ts'
import { clientDuties } from './requirements/i-client.ts'

/** Every rule in scope, in the order of their numbers. */
export const requirements: readonly Requirement[] = [
  ...messages, ...ladder, ...streams, ...sessions, ...modernEra, ...httpSse, ...authorization, ...security, ...clientDuties
]
