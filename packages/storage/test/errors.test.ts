import t from 'tap'
import * as storage from '../src/index.ts'

t.test('every error has a code like its name, and a message that says what to do', async t => {
  const error = new storage.MCP_STORAGE_UNAVAILABLE('connection refused')
  t.match(error, { code: 'MCP_STORAGE_UNAVAILABLE', statusCode: 503, message: 'The MCP storage is unavailable: connection refused' })
  t.match(new storage.MCP_STORAGE_BAD_OPTION('mcpStorage', 'option "a" …'), { code: 'MCP_STORAGE_BAD_OPTION', message: 'mcpStorage: option "a" …' })
  t.match(new storage.MCP_STORAGE_ALREADY_REGISTERED(), { code: 'MCP_STORAGE_ALREADY_REGISTERED', message: /register it once/ })
  for (const name of Object.keys(storage).filter(name => name.startsWith('MCP_'))) t.match(name, /^MCP_STORAGE_[A-Z_]+$/)
})
