import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { WorkspacePackage } from '../../lib/workspace.ts'
import { pack, tarballOf } from '../packaging/consumer-folder.ts'

/** A registry with our packages as they would be published, so that readers' commands run as they are written. */
export interface LocalRegistry {
  /** Its address, for npm's `@mcp:registry`. */
  url: string
  close: () => Promise<void>
}

export async function localRegistry (packages: readonly WorkspacePackage[]): Promise<LocalRegistry> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-registry-'))
  await pack(packages, path.join(folder, 'tarballs'))
  const server = createServer((request, response) => {
    answer(decodeURIComponent(request.url ?? '/').slice(1)).then(body => {
      response.writeHead(body === null ? 404 : 200, { 'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream' })
      response.end(body ?? '{}')
    }, (error: unknown) => response.writeHead(500).end(String(error)))
  })
  const answer = async (name: string): Promise<string | Buffer | null> => {
    const found = packages.find(({ manifest }) => manifest.name === name || tarballOf(manifest) === name)
    if (found === undefined) return null
    const { manifest } = found
    const tarball = await readFile(path.join(folder, tarballOf(manifest)))
    if (manifest.name !== name) return tarball
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
    const packed = { ...await manifestIn(folder, tarballOf(manifest)), dist: { tarball: `${url}${tarballOf(manifest)}`, integrity } }
    return JSON.stringify({ name, 'dist-tags': { latest: manifest.version }, versions: { [manifest.version]: packed } })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const url = `http://127.0.0.1:${port}/`
  return {
    url,
    async close () {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** The manifest in a tarball: there `workspace:` versions are written out. */
async function manifestIn (folder: string, tarball: string): Promise<object> {
  const { stdout } = await promisify(execFile)('tar', ['-xzOf', path.join(folder, tarball), 'package/package.json'])
  return JSON.parse(stdout) as object
}
