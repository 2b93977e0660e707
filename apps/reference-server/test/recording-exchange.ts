import type { Exchange, JsonRpcMessage, Revision } from '@mcp/protocol'

/** An exchange that keeps what was sent. `send` takes a turn of the event loop, as a socket does. */
export function recordingExchange (message: JsonRpcMessage, revision: Revision = '2025-11-25') {
  const sent: JsonRpcMessage[] = []
  const controller = new AbortController()
  let signalReads = 0
  const exchange: Exchange = {
    message,
    revision,
    session: null,
    principal: null,
    request: { method: 'POST', url: 'http://127.0.0.1/mcp', headers: {} },
    get signal () {
      signalReads++
      return controller.signal
    },
    onAbort (listener) {
      controller.signal.addEventListener('abort', () => listener('aborted'), { once: true })
    },
    async send (outgoing) {
      sent.push(outgoing)
      await new Promise(resolve => setImmediate(resolve))
    },
    detach () {}
  }
  return { exchange, sent, abort: () => controller.abort(), signalReads: () => signalReads }
}
