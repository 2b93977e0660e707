import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { SILENCE, embedded, pixelBlock, text } from './content.ts'

const echoInput = z.object({ text: z.string().describe('What to send back') })

/** Tools that answer at once: one per kind of content, one that fails, and `echo`. */
export function registerBasicTools (server: McpServer): void {
  server.registerTool('test_simple_text', {
    description: 'Answers with one block of text'
  }, () => text('This is a simple text response for testing.'))

  server.registerTool('echo', {
    description: 'Answers with the text it was given',
    inputSchema: echoInput
  }, input => text(input.text))

  server.registerTool('test_image_content', {
    description: 'Answers with an image'
  }, () => ({ content: [pixelBlock] }))

  server.registerTool('test_audio_content', {
    description: 'Answers with a sound'
  }, () => ({ content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }] }))

  server.registerTool('test_embedded_resource', {
    description: 'Answers with a resource inside the result'
  }, () => ({ content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')] }))

  server.registerTool('test_multiple_content_types', {
    description: 'Answers with text, an image and a resource'
  }, () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      pixelBlock,
      embedded('test://mixed-content-resource', 'application/json', JSON.stringify({ test: 'data', value: 123 }))
    ]
  }))

  server.registerTool('test_error_handling', {
    description: 'Always fails'
  }, () => { throw new Error('This tool intentionally returns an error for testing') })
}
