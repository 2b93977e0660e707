/** Compressed replies (RFC 9110, 8.4): read as they come, so that events arrive when the server sends them. */
import type { Transform } from 'node:stream'
import zlib from 'node:zlib'
import { asError } from '../coded-error.ts'
import { MCP_CLIENT_BAD_MESSAGE, MCP_CLIENT_UNEXPECTED_CONTENT } from '../errors.ts'
import type { HttpReply } from './http.ts'

/** A body may be encoded several times; more often than this is an attack. */
const MAX_ENCODINGS = 3

const flush = { flush: zlib.constants.Z_SYNC_FLUSH }
const zstd = 'createZstdDecompress' in zlib && typeof zlib.createZstdDecompress === 'function' ? zlib.createZstdDecompress : undefined

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGunzip(flush),
  'x-gzip': () => zlib.createGunzip(flush),
  br: () => zlib.createBrotliDecompress(),
  ...zstd !== undefined && { zstd: () => zstd() as Transform }
}

/** The value of `Accept-Encoding`. */
export const ACCEPTED_ENCODINGS = ['gzip', 'deflate', 'br', ...zstd === undefined ? [] : ['zstd']].join(', ')

/** The reply with its body decoded; the reply itself where nothing is encoded. */
export function decodedReply (reply: HttpReply): HttpReply {
  const encodings = (reply.header('content-encoding') ?? '').toLowerCase().split(',').map(name => name.trim())
    .filter(name => name !== '' && name !== 'identity')
  if (encodings.length === 0) return reply
  return {
    status: reply.status,
    header: name => name === 'content-encoding' || name === 'content-length' ? undefined : reply.header(name),
    read: onChunk => readDecoded(reply, encodings, onChunk)
  }
}

async function readDecoded (reply: HttpReply, encodings: readonly string[], onChunk: (chunk: Uint8Array) => void): Promise<void> {
  if (encodings.length > MAX_ENCODINGS || !encodings.every(name => name === 'deflate' || Object.hasOwn(DECODERS, name))) {
    throw new MCP_CLIENT_UNEXPECTED_CONTENT(`the content encoding ${encodings.join(', ').slice(0, 100)}`, { status: reply.status })
  }
  let stages: Transform[] = []
  let failure: Error | undefined
  let onFailure: (error: Error) => void = () => {}
  const fail = (error: unknown): void => {
    failure ??= asError(error)
    for (const stage of stages) stage.destroy()
    onFailure(failure)
  }
  const ended = new Promise<void>((resolve, reject) => {
    onFailure = reject
    const begin = (first: Uint8Array): void => {
      stages = encodings.toReversed().map((name, index) => decoder(name, index === 0 ? first : undefined))
      for (const [index, stage] of stages.entries()) {
        stage.on('error', error => fail(new MCP_CLIENT_BAD_MESSAGE('the body is not what its content encoding says', { cause: error })))
        const next = stages[index + 1]
        if (next !== undefined) stage.pipe(next)
      }
      stages.at(-1)?.on('data', (chunk: Uint8Array) => {
        try {
          onChunk(chunk)
        } catch (error) {
          fail(error)
        }
      }).on('end', resolve)
    }
    reply.read(chunk => {
      if (failure !== undefined) throw failure
      if (stages.length === 0) begin(chunk)
      stages[0]?.write(chunk)
    }).then(() => {
      if (stages.length === 0) resolve()
      else stages[0]?.end()
    }, fail)
  })
  await ended
}

/** What is called deflate has a zlib header, or has none. @param first The first bytes, where they are known. */
function decoder (name: string, first: Uint8Array | undefined): Transform {
  if (name !== 'deflate') return DECODERS[name]?.() ?? zlib.createInflate(flush)
  const [byte = 0x78] = first ?? []
  return (byte & 0x0f) === 8 ? zlib.createInflate(flush) : zlib.createInflateRaw(flush)
}
