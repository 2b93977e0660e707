/** Event streams, split anywhere: what our server writes and what anybody may send is read as the standard says. */
import fc from 'fast-check'
import t from 'tap'
import { eventDecoder } from '../../../packages/client/src/stream/event-decoder.ts'
import { eventFrame, KEEP_ALIVE, messageFrame, primingFrame, retryFrame } from '../../../packages/sse/src/frame.ts'
import { STRINGS } from './lib/hostile.ts'
import { FULL, SEED } from './lib/settings.ts'
import { readStream, type ModelEvent } from './lib/sse-model.ts'

const RUNS = FULL ? 200_000 : 3_000
const parameters = { numRuns: RUNS, seed: SEED }
const encoder = new TextEncoder()

const text = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...STRINGS) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) })
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

/** Lines and pieces of lines, and how they end. */
const piece = fc.oneof(
  fc.constantFrom('data', 'data:', 'data: ', 'id: ', 'id', 'event: ', 'event', 'retry: ', 'retry: 5', ': ', ':', 'unknown: ', '\n', '\n', '\n\n', '\r', '\r\n', '\r\r', '\ufeff', '\0', ' '),
  text)
const bytes = fc.oneof(
  { weight: 5, arbitrary: fc.array(piece, { maxLength: 30, size: 'max' }).map(pieces => encoder.encode(pieces.join(''))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) })

function decoded (bytes: Uint8Array, cuts: readonly number[]): ReturnType<typeof readStream> {
  const events: ModelEvent[] = []
  const retries: number[] = []
  const decode = eventDecoder(1_000_000, {
    onEvent: ({ id, event, data }) => events.push({ id, event, data }),
    onRetry: ms => retries.push(ms)
  })
  let from = 0
  for (const end of [...cuts.map(cut => Math.floor(cut * bytes.length)).sort((a, b) => a - b), bytes.length]) {
    decode(bytes.subarray(from, end))
    from = end
  }
  return { events, retries }
}

function same (got: unknown, wanted: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`)
}

t.test(`C-4: ${RUNS} streams of anything, split anywhere, are read by @mcp/client as the standard says`, async t => {
  fc.assert(fc.property(bytes, cuts, (bytes, cuts) => same(decoded(bytes, cuts), readStream(bytes))), parameters)
  t.pass()
})

const id = fc.stringMatching(/^[!-~]{1,40}$/)
const frame = fc.oneof(
  fc.tuple(text, fc.option(id, { nil: undefined })).map(([text, id]) => {
    const data = JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { text } })
    return { frame: messageFrame(data, id), event: { id, event: undefined, data }, retry: undefined }
  }),
  fc.tuple(id, fc.nat(100_000)).map(([id, retry]) => ({ frame: primingFrame(id, retry), event: { id, event: undefined, data: '' }, retry })),
  fc.nat(100_000).map(retry => ({ frame: retryFrame(retry), event: undefined, retry })),
  fc.constant({ frame: KEEP_ALIVE, event: undefined, retry: undefined }),
  fc.tuple(id, text).map(([event, data]) => {
    // A lone surrogate becomes a replacement character in UTF-8, a line end LF.
    const read = Buffer.from(data.replaceAll(/\r\n?/g, '\n')).toString()
    return { frame: eventFrame({ event, data }), event: { id: undefined, event, data: read }, retry: undefined }
  }))

t.test(`C-1, C-7: ${RUNS} streams as our server writes them, split anywhere, come out as they went in`, async t => {
  fc.assert(fc.property(fc.array(frame, { maxLength: 12 }), cuts, (frames, cuts) => {
    const wanted = {
      events: frames.flatMap(({ event }) => event === undefined ? [] : [event]),
      retries: frames.flatMap(({ retry }) => retry === undefined ? [] : [retry])
    }
    same(decoded(encoder.encode(frames.map(({ frame }) => frame).join('')), cuts), wanted)
  }), parameters)
  t.pass()
})

t.test('C-23: what would end a line or an event is refused in id and event', async t => {
  const broken = fc.tuple(fc.string(), fc.constantFrom('\r', '\n', '\0'), fc.string()).map(parts => parts.join(''))
  fc.assert(fc.property(broken, value => {
    for (const field of ['id', 'event'] as const) {
      try {
        eventFrame({ [field]: value, data: '' })
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'MCP_SSE_BAD_FIELD') continue
      }
      throw new Error(`${field} took ${JSON.stringify(value)}`)
    }
  }), { ...parameters, numRuns: 300 })
  t.pass()
})

t.test('I-29: an event beyond the limit ends the stream with an error, however it is split; nothing longer is ever handed on', async t => {
  const LIMIT = 50
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 }), cuts, (lengths, cuts) => {
    const stream = encoder.encode(lengths.map(length => `data: ${'x'.repeat(length)}\n\n`).join(''))
    let longest = 0
    const decode = eventDecoder(LIMIT, { onEvent: ({ data }) => { longest = Math.max(longest, data.length) } })
    let thrown = false
    let from = 0
    for (const end of [...cuts.map(cut => Math.floor(cut * stream.length)).sort((a, b) => a - b), stream.length]) {
      try {
        decode(stream.subarray(from, end))
      } catch {
        thrown = true
        break
      }
      from = end
    }
    if (longest > LIMIT) throw new Error(`${longest} characters were handed on`)
    // Around the limit the name of the field decides, when the event comes in pieces.
    if (!thrown && lengths.some(length => length > LIMIT)) throw new Error('too long, and taken')
    if (thrown && lengths.every(length => length < LIMIT - 'data: '.length)) throw new Error('short enough, and refused')
  }), parameters)
  t.pass()
})
