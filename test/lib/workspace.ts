import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The top of the repository. */
export const root = path.resolve(import.meta.dirname, '../..')

/** What we read of a package.json. */
export interface Manifest {
  name: string
  version: string
  private?: boolean
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  exports?: Record<string, unknown>
}

/** A package of this workspace. */
export interface WorkspacePackage {
  /** Where it lives, from the top: `packages/protocol`, `apps/reference-server`, `bench`. */
  folder: string
  manifest: Manifest
}

/** Every package with a package.json under packages/ and apps/, and bench and test. */
export function workspacePackages (): WorkspacePackage[] {
  const inside = (top: string) => readdirSync(path.join(root, top)).sort().map(name => `${top}/${name}`)
  return [...inside('packages'), ...inside('apps'), 'bench', 'test']
    .filter(folder => existsSync(path.join(root, folder, 'package.json')))
    .map(folder => ({ folder, manifest: JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) }))
}

/** The packages people install: everything that is not private. */
export function publishablePackages (): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true)
}

const notOurs = new Set(['node_modules', 'dist', '.tap', '.turbo', '.conformance', '.git'])

/**
 * The files below a folder whose path ends in `ending`, as paths from the top of the repository. Empty for a folder that is not there.
 * @param folder From the top of the repository.
 */
export function filesBelow (folder: string, ending: string): string[] {
  const absolute = path.join(root, folder)
  if (!existsSync(absolute)) return []
  return readdirSync(absolute, { withFileTypes: true }).flatMap(entry => {
    const below = path.posix.join(folder, entry.name)
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : filesBelow(below, ending)
    return entry.name.endsWith(ending) ? [below] : []
  }).sort()
}

/** The text of a file, by its path from the top of the repository. */
export function textOf (file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}
