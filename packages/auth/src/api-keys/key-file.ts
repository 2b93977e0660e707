/** API keys in a JSON file that may change while the server runs. */
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isObject } from '@mcp/protocol'
import type { KeptPrincipal } from '../authenticator.ts'
import { MCP_AUTH_BAD_KEY_FILE } from '../errors.ts'
import { keptKey, keyFault, type KeptKey } from './kept-key.ts'
import { MemoryKeyRing, type KeyRing } from './key-ring.ts'

export interface KeyFileLog {
  info (details: object, message: string): void
  error (details: object, message: string): void
}

export interface KeyFileOptions {
  readonly path: string
  readonly name: string
  /** How often the file is looked at, milliseconds. */
  readonly pollMs: number
}

export class KeyFile implements KeyRing {
  readonly #options: KeyFileOptions
  readonly #log: KeyFileLog
  readonly #ring = new MemoryKeyRing([])
  readonly #changed = (): void => { this.#reload().catch((error: unknown) => this.#keep(error)) }

  private constructor (options: KeyFileOptions, log: KeyFileLog) {
    this.#options = options
    this.#log = log
  }

  /** @throws `MCP_AUTH_BAD_KEY_FILE` */
  static async open (options: KeyFileOptions, log: KeyFileLog): Promise<KeyFile> {
    const file = new KeyFile(options, log)
    // Looks at the path rather than the file, so it also sees files that are replaced, as editors and Kubernetes do.
    watchFile(options.path, { interval: options.pollMs, persistent: false }, file.#changed)
    try {
      await file.#reload()
    } catch (error) {
      file.close()
      throw error
    }
    return file
  }

  find (key: string): KeptPrincipal | null {
    return this.#ring.find(key)
  }

  close (): void {
    unwatchFile(this.#options.path, this.#changed)
  }

  async #reload (): Promise<void> {
    const { path, name } = this.#options
    const keys = await readKeys(path, name)
    this.#ring.replace(keys)
    this.#log.info({ path, keys: keys.length }, 'API keys read')
  }

  /** A file that is being written or was damaged must not lock everybody out. */
  #keep (error: unknown): void {
    this.#log.error({ path: this.#options.path, reason: messageOf(error) }, 'API keys not read again; those read before still count')
  }
}

async function readKeys (path: string, name: string): Promise<KeptKey[]> {
  const content = await parsed(path)
  const entries = isObject(content) ? content.keys : content
  if (!Array.isArray(entries)) throw new MCP_AUTH_BAD_KEY_FILE('it must hold a list, or an object with a list "keys"')
  return entries.map((entry: unknown, index) => {
    const fault = keyFault(entry)
    if (fault !== null) throw new MCP_AUTH_BAD_KEY_FILE(`key ${index} ${fault}`)
    return keptKey(entry, name)
  })
}

async function parsed (path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new MCP_AUTH_BAD_KEY_FILE(messageOf(error))
  }
  try {
    return JSON.parse(text)
  } catch {
    // What the parser says repeats what it read.
    throw new MCP_AUTH_BAD_KEY_FILE('it is not well-formed JSON')
  }
}

function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
