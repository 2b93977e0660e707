import { hash, randomBytes } from 'node:crypto'
import t from 'tap'
import { bucketOf, digestOf, fromHex, sameDigest } from '../../src/api-keys/digest.ts'

const text = (length: number): string => randomBytes(length).toString('base64url').slice(0, length)

t.test('G-23: SHA-256 in hex and of a key as it is shown are the same, ASCII or not', async t => {
  const shown = ['', 'abc', 'schlüssel', '\xff'.repeat(60), '鍵', 'a'.repeat(16_000), ...Array.from({ length: 130 }, (_, length) => text(length))]
  const wrong = shown.filter(one => !sameDigest(digestOf(one), fromHex(hash('sha256', one, 'hex'))))
  t.strictSame(wrong, [])
  t.equal(bucketOf(digestOf('abc')), 0xba7816bf | 0)
})

t.test('G-23: digests are the same or differ, in any bit', async t => {
  const digest = digestOf('a key')
  t.ok(sameDigest(digest, digest.slice()))
  for (let bit = 0; bit < 256; bit++) {
    const other = digest.slice()
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ 1 << (bit & 7)
    if (sameDigest(digest, other)) t.fail(`bit ${bit} does not count`)
  }
  t.notOk(sameDigest(digest, digest.subarray(0, 31)))
  t.notOk(sameDigest(digest.subarray(0, 31), digest))
})
