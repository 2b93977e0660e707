/** The transport of `@modelcontextprotocol/client`. */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { drive } from './drive.ts'

await drive(url => {
  const transport = new StreamableHTTPClientTransport(url)
  return {
    start: () => transport.start(),
    send: message => transport.send(message),
    setProtocolVersion: version => transport.setProtocolVersion(version),
    onMessage: listener => { transport.onmessage = listener }
  }
})
