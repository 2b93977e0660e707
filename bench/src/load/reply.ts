/** Reads the head of an HTTP/1.1 reply, and says when the whole of it has arrived. Replies are latin1 text here. */

const HEAD_END = '\r\n\r\n'
const LAST_CHUNK = '\r\n0\r\n\r\n'

/** Whether `reply` holds a complete reply to a POST: by content length, or by the last chunk. */
export function isComplete (reply: string): boolean {
  const end = reply.indexOf(HEAD_END)
  if (end === -1) return false
  const head = reply.slice(0, end)
  const length = header(head, 'content-length')
  if (length !== undefined) return reply.length >= end + HEAD_END.length + Number(length)
  if (header(head, 'transfer-encoding') !== undefined) return reply.endsWith(LAST_CHUNK)
  throw new Error(`A reply of unknown length:\n${head}`)
}

/** The head where it has arrived in full. */
export function headOf (reply: string): string | undefined {
  const end = reply.indexOf(HEAD_END)
  return end === -1 ? undefined : reply.slice(0, end)
}

export function statusOf (reply: string): number {
  return Number(reply.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
}

export function header (head: string, name: string): string | undefined {
  let at = head.indexOf(`\r\n${name}: `)
  if (at === -1) at = head.toLowerCase().indexOf(`\r\n${name}: `)
  if (at === -1) return undefined
  const start = at + name.length + 4
  const end = head.indexOf('\r\n', start)
  return head.slice(start, end === -1 ? undefined : end)
}

/** The JSON-RPC message a complete reply carries: its body, or the data of its one event that is no comment. */
export function messageOf (reply: string): unknown {
  const head = headOf(reply) ?? ''
  let body = reply.slice(head.length + HEAD_END.length)
  if (header(head, 'transfer-encoding') !== undefined) body = body.replace(/(^|\r\n)[0-9a-f]+\r\n/gi, '')
  if (!header(head, 'content-type')?.startsWith('text/event-stream')) return JSON.parse(body)
  const data = body.split('\n').filter(line => line.startsWith('data: {'))
  if (data.length !== 1) throw new Error(`Expected one message:\n${body}`)
  return JSON.parse(data[0]?.slice('data: '.length) ?? '')
}
