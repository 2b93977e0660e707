import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { root, textOf, type Manifest, type WorkspacePackage } from '../../lib/workspace.ts'

const execute = promisify(execFile)
const timeout = 240_000

/** A folder outside the repository, where nothing of it can be found by chance, with packed packages installed. */
export interface ConsumerFolder {
  /** Runs a program in it and gives what it printed. @throws With everything it printed, when it fails. */
  run: (command: string, ...args: string[]) => Promise<string>
  write: (file: string, text: string) => Promise<void>
  /** The absolute path of a file in it. */
  path: (file: string) => string
  remove: () => Promise<void>
}

/**
 * Packs packages as they would be published and installs the tarballs with npm.
 * @param others What the consumer installs beside them, by name and version.
 */
export async function consumerFolder (packages: readonly WorkspacePackage[], others: Record<string, string>): Promise<ConsumerFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-consumer-'))
  const write = (file: string, text: string) => writeFile(path.join(folder, file), text)
  const run = (command: string, ...args: string[]) => runIn(folder, command, args)
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const ours = await pack(packages, path.join(folder, 'tarballs'))
    await write('package.json', JSON.stringify({
      private: true,
      type: 'module',
      dependencies: { ...others, ...ours },
      // Packages under our names that someone else published must not fill a gap.
      overrides: Object.fromEntries(Object.keys(ours).map(name => [name, `$${name}`]))
    }))
    await run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts')
    return { run, write, remove, path: file => path.join(folder, file) }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Tarballs by package name, as npm takes them. */
export async function pack (packages: readonly WorkspacePackage[], destination: string): Promise<Record<string, string>> {
  await mkdir(destination, { recursive: true })
  const names = packages.map(({ manifest }) => manifest.name)
  await runIn(root, 'npx', ['-y', `pnpm@${pnpmMajor()}`, ...names.flatMap(name => ['--filter', name]), 'pack', '--pack-destination', destination])
  return Object.fromEntries(packages.map(({ manifest }) => [manifest.name, `file:${tarballOf(manifest)}`]))
}

/** The file a package is packed as, from the consumer's folder. */
export function tarballOf ({ name, version }: Manifest): string {
  return `tarballs/${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}

/** The package manager the repository names: only it knows how to write `workspace:` versions out. */
function pnpmMajor (): string {
  const { packageManager }: { packageManager: string } = JSON.parse(textOf('package.json'))
  return packageManager.replace(/^pnpm@(\d+).*$/, '$1')
}

async function runIn (cwd: string, command: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { cwd, timeout, maxBuffer: 16 * 1024 * 1024 })
    return stdout
  } catch (error) {
    // The message has what it wrote to stderr; compilers write their findings to stdout.
    throw error instanceof Error && 'stdout' in error ? new Error(`${error.message}\n${error.stdout}`) : error
  }
}
