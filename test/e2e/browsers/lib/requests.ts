/** HTTP requests and their answers, read from what went over a connection. */

export interface Request {
  readonly method: string
  readonly path: string
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** What came behind the head: the body, once it is there. */
  readonly body: string
  /** Of the answer, once there is one. */
  readonly status: number | undefined
  /** Fields of the answer, by name, in lower case. */
  readonly answer: Readonly<Record<string, string>>
  /** Whether its connection is over. */
  readonly closed: boolean
}

const REQUEST = /(OPTIONS|GET|POST|DELETE) (\/\S*) HTTP\/1\.1\r\n((?:[^\r\n]+\r\n)*)\r\n/g
const ANSWER = /HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/g

/** Browsers do not pipeline: the first answer is to the first request. JSON holds no line breaks, so heads are found for what they are. */
export function requestsIn ({ sent, received, closed }: { sent: string, received: string, closed: boolean }): Request[] {
  const answers = [...received.matchAll(ANSWER)]
  const heads = [...sent.matchAll(REQUEST)]
  return heads.map((head, nth) => {
    const [text, method = '', path = '', fields = ''] = head
    const [, status, answer = ''] = answers[nth] ?? []
    return {
      method,
      path,
      headers: fieldsIn(fields),
      body: sent.slice(head.index + text.length, heads[nth + 1]?.index),
      status: status === undefined ? undefined : Number(status),
      answer: fieldsIn(answer),
      closed
    }
  })
}

function fieldsIn (lines: string): Record<string, string> {
  const pairs = lines.split('\r\n').filter(line => line !== '').map(line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return Object.fromEntries(pairs)
}
