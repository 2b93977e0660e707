import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import t from 'tap'
import { eventDecoder, type ServerEvent } from '../../src/stream/event-decoder.ts'

const encoder = new TextEncoder()

function decoded (chunks: readonly Uint8Array[], eventCharacters = 1_000): { events: ServerEvent[], retries: number[] } {
  const events: ServerEvent[] = []
  const retries: number[] = []
  const decode = eventDecoder(eventCharacters, { onEvent: event => events.push(event), onRetry: ms => retries.push(ms) })
  for (const chunk of chunks) decode(chunk)
  return { events, retries }
}

const STREAM = ': comment\nretry: 250\nunknown: field\nnocolon\nid: 1\nevent: message\ndata: {"text":\ndata: "ä€😀"}\n\n\n\ndata\n\nid: 2\ndata:x\n\ndata: cut'

t.test('C-4: comments, unknown fields, BOM, every line end, any chunks', t => {
  for (const end of ['\n', '\r\n', '\r']) {
    for (const bom of ['', '\uFEFF']) {
      const bytes = encoder.encode(bom + STREAM.replaceAll('\n', end))
      for (const size of [1, 2, 3, 7, bytes.length]) {
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size))
        const { events, retries } = decoded(chunks)
        t.strictSame(events.map(({ id, data }) => [id, data]), [['1', '{"text":\n"ä€😀"}'], [undefined, ''], ['2', 'x']], JSON.stringify([end, bom, size]))
        t.strictSame(retries, [250])
      }
    }
  }
  t.end()
})

t.test('C-4: an event that ends with CR is there at once', t => {
  t.equal(decoded([encoder.encode('data: x\r\r')]).events.length, 1)
  t.equal(decoded([encoder.encode('data: x\r\n\r\n')]).events.length, 1)
  t.equal(decoded([encoder.encode('data: x\r'), encoder.encode('\n'), encoder.encode('\r'), encoder.encode('\ndata: y\n\n')]).events.length, 2)
  t.end()
})

t.test('I-29: an event beyond the limit throws, whole or in pieces; many small ones do not', t => {
  const long = encoder.encode(`data: ${'x'.repeat(2_000)}\n\n`)
  t.throws(() => decoded([long]), { code: 'MCP_CLIENT_TOO_LARGE' })
  t.throws(() => decoded([long.subarray(0, 900), long.subarray(900, 1_800)]), { code: 'MCP_CLIENT_TOO_LARGE' })
  t.throws(() => decoded(Array.from({ length: 20 }, () => encoder.encode(`data: ${'x'.repeat(100)}\n`))), { code: 'MCP_CLIENT_TOO_LARGE' })
  t.equal(decoded(Array.from({ length: 100 }, () => encoder.encode(`data: ${'x'.repeat(100)}\n\n`))).events.length, 100)
  t.end()
})

t.test('C-4: an id with NUL is ignored, an empty one is not', t => {
  const { events } = decoded([encoder.encode('id: 1\nid: 2\0\ndata: x\n\nid\ndata: y\n\n')])
  t.strictSame(events.map(({ id }) => id), ['1', ''])
  t.end()
})

t.test('C-4: any stream, split anywhere, is what eventsource-parser makes of it', t => {
  const part = fc.constantFrom('data', 'event', 'id', 'retry', 'comment', ':', ': ', ' ', '\n', '\n\n', '\r', '\r\n', '12', 'x', 'é', '😀', '\uFEFF')
  const stream = fc.array(part, { maxLength: 60 }).map(parts => parts.join(''))
  fc.assert(fc.property(stream, fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
    const bytes = encoder.encode(text)
    const ends = [...cuts.filter(cut => cut < bytes.length).toSorted((a, b) => a - b), bytes.length]
    const expected: ServerEvent[] = []
    const retries: number[] = []
    const parser = createParser({ onEvent: event => expected.push(event), onRetry: ms => retries.push(ms) })
    parser.feed(new TextDecoder().decode(bytes))
    parser.feed('x\n') // It holds a CR back until another line has ended.
    const got = decoded(ends.map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end)))
    return JSON.stringify([got.events, got.retries]) === JSON.stringify([expected, retries])
  }), { numRuns: 3_000 })
  t.pass('3,000 streams')
  t.end()
})
