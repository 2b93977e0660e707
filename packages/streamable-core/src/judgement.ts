/** Whether messages may run: every gate is asked about each, before the first of them does. */
import { isRequest, type Caller, type JsonRpcMessage, type JsonRpcNotification, type JsonRpcRequest, type MessageGate, type Refusal } from '@mcp/protocol'
import type { MaybePromise } from '@mcp/storage'

type Judged = JsonRpcRequest | JsonRpcNotification
type Question = readonly [MessageGate, Judged]

/** The first refusal, or `null`. Responses are not judged: they answer what the server asked. */
export function judge (gates: readonly MessageGate[], messages: readonly JsonRpcMessage[], caller: Caller): MaybePromise<Refusal | null> {
  const judged = messages.filter(isJudged)
  const questions = judged.flatMap(message => gates.map((gate): Question => [gate, message]))
  const [only] = messages
  // Without an id of its own a refusal gets that of the only request it can be about.
  const id = messages.length === 1 && only !== undefined && isRequest(only) ? only.id : undefined
  const named = (refusal: Refusal | null): Refusal | null => refusal === null || refusal.id !== undefined ? refusal : { ...refusal, id }
  const refusal = askFrom(0, questions, caller)
  return refusal instanceof Promise ? refusal.then(named) : named(refusal)
}

function askFrom (first: number, questions: readonly Question[], caller: Caller): MaybePromise<Refusal | null> {
  for (let i = first; i < questions.length; i++) {
    const question = questions[i]
    if (question === undefined) break
    const [gate, message] = question
    const verdict = gate.judge(message, caller)
    if (verdict instanceof Promise) return verdict.then(late => late ?? askFrom(i + 1, questions, caller))
    if (verdict !== null) return verdict
  }
  return null
}

function isJudged (message: JsonRpcMessage): message is Judged {
  return 'method' in message
}
