/** `@mcp/client`. */
import { StreamableHttpClient } from '@mcp/client'
import { drive } from './drive.ts'

await drive(url => {
  const client = new StreamableHttpClient(url)
  return {
    start: () => client.start(),
    send: message => client.send(message),
    setProtocolVersion: version => client.setProtocolVersion(version),
    onMessage: listener => { client.onmessage = listener }
  }
})
