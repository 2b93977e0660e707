import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import { createApiKey, mcpAuth } from '../../src/index.ts'
import { endpoint, until, type Teardown } from '../helper.ts'

async function fileIn (t: Teardown): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-auth-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return path.join(folder, 'keys.json')
}

t.test('G-23: keys in a file come and go without a restart', async t => {
  const file = await fileIn(t)
  const [old, young] = [createApiKey({ id: 'old' }), createApiKey({ id: 'young' })]
  await writeFile(file, JSON.stringify([old.entry]))
  const { call, log } = await endpoint(t, { apiKeys: { file, pollMs: 20 } })
  const status = async (key: string): Promise<number> => (await call(`Bearer ${key}`)).status
  t.equal(await status(old.key), 200)
  t.equal(await status(young.key), 401)
  await writeFile(file, JSON.stringify({ keys: [old.entry, young.entry] }, null, 2))
  await until(async () => await status(young.key) === 200, 'the new key counts')
  t.equal(await status(old.key), 200)
  await writeFile(`${file}.new`, JSON.stringify({ keys: [young.entry] }))
  await rename(`${file}.new`, file)
  await until(async () => await status(old.key) === 401, 'the old key is gone, in a file that was replaced')
  t.equal(await status(young.key), 200)
  t.notMatch(log.join(''), young.entry.hash)
})

t.test('a file that was damaged or removed leaves the keys as they were, and says so', async t => {
  const file = await fileIn(t)
  const { key, entry } = createApiKey()
  await writeFile(file, JSON.stringify([entry]))
  const { call, log } = await endpoint(t, { apiKeys: { file, pollMs: 20 } })
  const complaints = (): number => log.filter(line => line.includes('API keys not read again')).length
  await writeFile(file, '[{"id": "half')
  await until(() => complaints() === 1, 'the damage was noticed')
  t.notMatch(log.join(''), /half/, 'what stands in it is not repeated')
  await rm(file)
  await until(() => complaints() === 2, 'the loss was noticed')
  t.equal((await call(`Bearer ${key}`)).status, 200)
  const next = createApiKey()
  await writeFile(file, JSON.stringify([next.entry]))
  await until(async () => (await call(`Bearer ${next.key}`)).status === 200, 'it was mended')
})

t.test('at the start a file has to be right', async t => {
  const file = await fileIn(t)
  const { entry } = createApiKey()
  const rows: ReadonlyArray<readonly [content: string | null, reason: RegExp]> = [
    [null, /ENOENT/], ['', /no.*well-formed JSON/], ['{}', /must hold a list/], ['"keys"', /must hold a list/],
    ['[7]', /key 0 must be an object/], [JSON.stringify([entry, { ...entry, id: '' }]), /key 1 needs an "id"/],
    [JSON.stringify([{ ...entry, hash: 'x' }]), /needs a "hash"/], [JSON.stringify([{ ...entry, label: 7 }]), /"label" must be a string/],
    [JSON.stringify([{ ...entry, scopes: ['a b'] }]), /"scopes" must be/], [JSON.stringify([{ ...entry, expiresAt: 'soon' }]), /"expiresAt" must be/]
  ]
  for (const [content, reason] of rows) {
    if (content !== null) await writeFile(file, content)
    const app = Fastify()
    t.teardown(() => app.close())
    await t.rejects(async () => app.register(mcpAuth, { apiKeys: { file } }), { code: 'MCP_AUTH_BAD_KEY_FILE', message: reason })
  }
})
