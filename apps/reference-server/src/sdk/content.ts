import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server'

/** A PNG of one red pixel. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'

/** A WAV file (8 kHz, 8 bit, mono) of four samples of silence. */
export const SILENCE = wav(Buffer.alloc(4, 0x80)).toString('base64')

export const pixelBlock: ContentBlock = { type: 'image', data: PIXEL, mimeType: 'image/png' }

export function text (value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] }
}

/** A text resource as prompts and tools embed it. */
export function embedded (uri: string, mimeType: string, value: string): ContentBlock {
  return { type: 'resource', resource: { uri, mimeType, text: value } }
}

function wav (samples: Buffer): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16) // size of the format chunk
  header.writeUInt16LE(1, 20) // PCM
  header.writeUInt16LE(1, 22) // channels
  header.writeUInt32LE(8000, 24) // samples per second
  header.writeUInt32LE(8000, 28) // bytes per second
  header.writeUInt16LE(1, 32) // bytes per frame
  header.writeUInt16LE(8, 34) // bits per sample
  header.write('data', 36)
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}
