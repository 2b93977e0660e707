import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const execute = promisify(execFile)

t.test('Bun gets the entry that uses fetch: its shim of undici has no agents to destroy', async t => {
  const program = 'console.log(import.meta.resolve("@mcp/client"))'
  const { NODE_OPTIONS, ...env } = process.env
  const entryWith = async (...conditions: string[]): Promise<string> => {
    const { stdout } = await execute(process.execPath, [...conditions, '--input-type=module', '-e', program], { cwd: path.join(import.meta.dirname, '..'), env })
    return path.basename(stdout.trim())
  }
  t.equal(await entryWith('--conditions=bun'), 'browser.js')
  t.equal(await entryWith(), 'index.js', 'Node.js keeps undici')
})
