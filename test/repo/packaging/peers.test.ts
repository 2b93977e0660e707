/** Strict package managers (Yarn Plug'n’Play, pnpm) give a dependency its peers only where its dependent provides them. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { publishablePackages, root, type Manifest } from '../../lib/workspace.ts'

interface WithPeers extends Manifest {
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

t.test('every package provides the peers of its dependencies', async t => {
  for (const { folder, manifest } of publishablePackages()) {
    const provided = new Set([manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })])
    const missing = Object.keys(manifest.dependencies ?? {}).flatMap(name => {
      return requiredPeers(manifestOf(folder, name)).filter(peer => !provided.has(peer)).map(peer => `${name} needs ${peer}`)
    })
    t.strictSame(missing, [], manifest.name)
  }
})

t.test('a peer is optional only where every dependency can do without it', async t => {
  for (const { folder, manifest } of publishablePackages()) {
    const own: WithPeers = manifest
    const optional = Object.keys(own.peerDependencies ?? {}).filter(peer => own.peerDependenciesMeta?.[peer]?.optional === true)
    const needed = Object.keys(manifest.dependencies ?? {}).flatMap(name => requiredPeers(manifestOf(folder, name)))
    t.strictSame(optional.filter(peer => needed.includes(peer)), [], manifest.name)
  }
})

function requiredPeers ({ peerDependencies = {}, peerDependenciesMeta = {} }: WithPeers): string[] {
  return Object.keys(peerDependencies).filter(name => peerDependenciesMeta[name]?.optional !== true)
}

/** Read from the folder: most packages do not export their package.json. */
function manifestOf (folder: string, name: string): WithPeers {
  return JSON.parse(readFileSync(path.join(root, folder, 'node_modules', name, 'package.json'), 'utf8'))
}
