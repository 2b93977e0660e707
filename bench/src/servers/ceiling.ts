/**
 * Not a contestant: a socket that answers every request with canned bytes. What the load generator reaches against it is
 * the most it could measure anywhere.
 */
import { createServer } from 'node:net'
import { announce } from './host.ts'

const server = createServer(socket => {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', chunk => {
    const request = chunk.toString('latin1')
    const start = request.indexOf('"id":') + 5
    const body = `{"jsonrpc":"2.0","id":${request.slice(start, start + 7)},"result":{"content":[{"type":"text","text":"echo ` +
      `${request.slice(start, start + 7)}"}]}}`
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`, 'latin1')
  })
})

server.listen(0, '127.0.0.1', () => announce(server))
