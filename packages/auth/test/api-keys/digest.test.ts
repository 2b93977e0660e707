import { hash, randomBytes } from 'node:crypto'
import t from 'tap'
import { digestInto, fromHex, sameDigest } from '../../src/api-keys/digest.ts'

const text = (length: number): string => randomBytes(length).toString('base64url').slice(0, length)
const hexOf = (shown: string): string => Array.from(digestInto(new Int32Array(8), shown), word => (word >>> 0).toString(16).padStart(8, '0')).join('')

t.test('G-23: SHA-256 as node:crypto has it, of every length, and of what is no ASCII', async t => {
  t.equal(hexOf('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  const shown = [...Array.from({ length: 300 }, (_, length) => text(length)), 'schlüssel', '\xff'.repeat(60), '鍵', 'a'.repeat(16_000)]
  for (let i = 0; i < 1000; i++) shown.push(`mcp_${text(43)}`)
  const wrong = shown.filter(one => hexOf(one) !== hash('sha256', one, 'hex'))
  t.strictSame(wrong, [])
})

t.test('a digest that is used again holds nothing of the last key', async t => {
  const digest = new Int32Array(8)
  for (const one of [text(100), text(47), '', 'ü', text(47)]) t.strictSame(digestInto(digest, one), fromHex(hash('sha256', one, 'hex')))
})

t.test('G-23: digests are the same or differ, in any bit', async t => {
  const digest = digestInto(new Int32Array(8), 'a key')
  t.ok(sameDigest(digest, digest.slice()))
  for (let bit = 0; bit < 256; bit++) {
    const other = digest.slice()
    other[bit >> 5] = (other[bit >> 5] ?? 0) ^ 1 << (bit & 31)
    if (sameDigest(digest, other)) t.fail(`bit ${bit} does not count`)
  }
})
