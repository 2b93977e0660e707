import t from 'tap'
import { newSessionId, shortSessionId } from '../src/index.ts'
import { couldBeSessionId } from '../src/session-id.ts'

t.test('D-2: ids are visible ASCII, long, and never the same', async t => {
  const ids = Array.from({ length: 1000 }, newSessionId)
  t.equal(new Set(ids).size, ids.length)
  for (const id of ids.slice(0, 20)) t.match(id, /^[A-Za-z0-9_-]{32}$/, '192 bits in base64url')
})

t.test('D-3: what cannot be an id is known by its shape', async t => {
  t.ok(couldBeSessionId(newSessionId()))
  t.ok(couldBeSessionId('!~'))
  for (const value of ['', ' ', 'a b', 'a, b', 'é', 'a\n', '\u007f', 'a\0', 'x'.repeat(129)]) {
    t.notOk(couldBeSessionId(value), JSON.stringify(value))
  }
})

t.test('D-18: a shortened id tells sessions apart and opens none', async t => {
  const id = newSessionId()
  t.equal(shortSessionId(id), `${id.slice(0, 6)}…`)
  t.equal(shortSessionId('short'), '…')
  t.equal(shortSessionId(''), '…')
})
