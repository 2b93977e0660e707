/** Tells the server of the wire limit what to write. */
import { Connection } from './connection.ts'
import { statusOf } from './reply.ts'

export async function handOver (port: number, events: string): Promise<void> {
  const connection = await Connection.open(port)
  const head = ['POST /mcp HTTP/1.1', `host: 127.0.0.1:${port}`, 'content-type: text/event-stream', `content-length: ${events.length}`, '', '']
  const reply = await connection.ask(head.join('\r\n') + events)
  connection.close()
  if (statusOf(reply) !== 200) throw new Error(`The bytes were not taken:\n${reply}`)
}
