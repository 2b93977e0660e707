/** What the official CLI starts: waits for its turn, then loads the driver. Its place is free again when the process ends. */
import { once } from 'node:events'
import { connect } from 'node:net'

const socket = connect(Number(process.argv[2]), '127.0.0.1')
socket.write(`${process.env.MCP_CONFORMANCE_SCENARIO ?? ''}\n`)
await once(socket, 'data')
socket.unref()
await import('./driver.ts')
