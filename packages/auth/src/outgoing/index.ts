export { createOutgoing } from './outgoing.ts'
export { Reach } from './reach.ts'
export { targetOf } from './target.ts'
export type { Outgoing, OutgoingOptions, OutgoingRequest, OutgoingResponse } from './outgoing.ts'
