import { fromJsonSchema, type McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { text } from './content.ts'

/** Wide use of JSON Schema 2020-12 (references, anchors, composition, conditions) that must reach `tools/list` unchanged. */
const contactInput = fromJsonSchema({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } }
    }
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' }
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false
})

/** One argument of each type a header can mirror (`Mcp-Param-*`). */
const mirroredInput = z.object({
  region: z.string().meta({ description: 'Mirrored as Mcp-Param-Region', 'x-mcp-header': 'Region' }),
  shard: z.int().optional().meta({ description: 'Mirrored as Mcp-Param-Shard', 'x-mcp-header': 'Shard' }),
  urgent: z.boolean().optional().meta({ description: 'Mirrored as Mcp-Param-Urgent', 'x-mcp-header': 'Urgent' }),
  note: z.string().optional().meta({ description: 'Travels in the body alone' })
})

/** Tools whose point is their input schema. */
export function registerSchemaTools (server: McpServer): void {
  server.registerTool('json_schema_2020_12_tool', {
    description: 'Takes a contact described with JSON Schema 2020-12',
    inputSchema: contactInput
  }, contact => text(`Contact accepted: ${JSON.stringify(contact)}`))

  server.registerTool('test_x_mcp_header', {
    description: 'Has arguments that are mirrored into HTTP headers',
    inputSchema: mirroredInput
  }, input => text(`Routed by: ${JSON.stringify(input)}`))
}
