/** How a call ended, in the words of the conventions. */
import { isErrorResponse, type CallEnd } from '@mcp/protocol'

/** `ok`: a result, or nothing owed. `tool_error`: a result that says the tool failed. `lost`: nobody could hear the answer. */
export type Outcome = 'ok' | 'tool_error' | 'error' | 'cancelled' | 'lost' | 'refused'

export interface Ending {
  readonly outcome: Outcome
  /** `error.type`; `''` where nothing failed. */
  readonly errorType: string
}

const OK: Ending = { outcome: 'ok', errorType: '' }
const TOOL_ERROR: Ending = { outcome: 'tool_error', errorType: 'tool_error' }
const FAILED: Ending = { outcome: 'error', errorType: 'application_error' }
const CANCELLED: Ending = { outcome: 'cancelled', errorType: 'cancelled' }
const LOST: Ending = { outcome: 'lost', errorType: 'disconnected' }
const REFUSED: Ending = { outcome: 'refused', errorType: 'refused' }

/** @param codes JSON-RPC error codes seen so far: an application may use any, a label may not */
export function endingOf (end: CallEnd, codes: { label (code: number): string }): Ending {
  switch (end.kind) {
    case 'answered':
      if (isErrorResponse(end.response)) return { outcome: 'error', errorType: codes.label(end.response.error.code) }
      return 'result' in end.response && end.response.result.isError === true ? TOOL_ERROR : OK
    case 'done':
      return OK
    case 'failed':
      return FAILED
    case 'cancelled':
      return CANCELLED
    case 'lost':
      return LOST
    case 'refused':
      return REFUSED
  }
}
