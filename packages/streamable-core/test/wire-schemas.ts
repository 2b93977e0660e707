/** The official schemas of the wire: those the SDK ships, and the JSON Schemas of each revision where they lie beside the checkout. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { REVISIONS, type Revision } from '@mcp/protocol'
import { specTypeSchemas, type SpecTypeName } from '@modelcontextprotocol/server'
import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

const repository = resolve(fileURLToPath(import.meta.url), '..', '..', '..', '..')
const folder = join(repository, '..', 'shared', 'spec', 'schema')

/** Whether the JSON Schemas of the specification can be used. */
export const published = existsSync(folder)

/** Problems of `value` in the eyes of the SDK; empty when it fits. */
export async function sdkFaults (name: SpecTypeName, value: unknown): Promise<string[]> {
  const result = await specTypeSchemas[name]['~standard'].validate(value)
  return (result.issues ?? []).map(issue => `${name}: ${issue.path?.map(String).join('.')} ${issue.message}`)
}

const compiled = new Map<string, ValidateFunction>()

/** Problems of `value` in the eyes of a revision's published schema; empty when it fits. */
export function publishedFaults (revision: Revision, name: string, value: unknown): string[] {
  const validate = compiled.get(revision + name) ?? compile(revision, name)
  compiled.set(revision + name, validate)
  return validate(value) ? [] : (validate.errors ?? []).map(error => `${revision} ${name}${error.instancePath}: ${error.message}`)
}

const loaded = new Map<Revision, Ajv>()

function compile (revision: Revision, name: string): ValidateFunction {
  const ajv = loaded.get(revision) ?? load(revision)
  loaded.set(revision, ajv)
  const validate = ajv.getSchema(`${revision}#/${keyword(revision)}/${name}`)
  if (validate === undefined) throw new Error(`${revision} defines no ${name}`)
  return validate
}

function load (revision: Revision): Ajv {
  const options = { strict: false, allErrors: true }
  const ajv = keyword(revision) === '$defs' ? new Ajv2020(options) : new Ajv(options)
  formats.default(ajv)
  return ajv.addSchema(JSON.parse(readFileSync(join(folder, `${revision}.json`), 'utf8')) as object, revision)
}

/** Where the definitions stand: the older revisions use draft 7, the others 2020-12. */
function keyword (revision: Revision): '$defs' | 'definitions' {
  return REVISIONS.indexOf(revision) >= REVISIONS.indexOf('2025-11-25') ? '$defs' : 'definitions'
}
