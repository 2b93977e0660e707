/** The transport of `@modelcontextprotocol/sdk` 1.x. */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
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
